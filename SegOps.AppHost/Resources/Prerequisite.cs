using Microsoft.Extensions.DependencyInjection;

namespace SegOps.AppHost.Resources;

/// <summary>Something that a resource needs is missing from this machine.</summary>
/// <param name="problem">A sentence.</param>
/// <param name="remedies">Commands to paste, any one of them.</param>
internal sealed class PrerequisiteException(string problem, params string[] remedies) : Exception(problem)
{
    /// <summary>Commands to paste, any one of them.</summary>
    public IReadOnlyList<string> Remedies => remedies;

    /// <summary>What the resource's log shows: the orchestrator writes whole exceptions, and a stack trace would bury the remedy.</summary>
    public override string ToString() => string.Join(Environment.NewLine, remedies.Select(remedy => "    " + remedy).Prepend(Message));
}

internal static class PrerequisiteExtensions
{
    /// <summary>
    /// Checks before each start of the resource what it needs, so that a start in the dashboard succeeds once that is installed. What is missing
    /// is told in the resource's log and details and, through <see cref="PrerequisiteFaults"/>, on the console; its state is that it failed to start.
    /// </summary>
    public static IResourceBuilder<T> WithPrerequisite<T>(this IResourceBuilder<T> builder, Func<PrerequisiteException?> find)
        where T : IResource => builder.OnBeforeResourceStarted(async (resource, start, _) =>
        {
            if (find() is { } missing)
                throw await PrerequisiteFaults.NoteAsync(resource, missing, start.Services);
        });
}

/// <summary>What each resource lacked at its last start.</summary>
internal static class PrerequisiteFaults
{
    private const string Property = "missing";

    /// <summary>Notes a fault on its resource, and shows it among the resource's details.</summary>
    public static async Task<PrerequisiteException> NoteAsync(IResource resource, PrerequisiteException fault, IServiceProvider services)
    {
        resource.Annotations.Add(new FaultAnnotation(fault));
        await services.GetRequiredService<ResourceNotificationService>().PublishUpdateAsync(resource, snapshot => snapshot with
        {
            Properties = [.. snapshot.Properties.Where(property => property.Name != Property), new(Property, fault.ToString())],
        });
        return fault;
    }

    /// <summary>The last fault of a resource; null when it had none.</summary>
    public static PrerequisiteException? Of(IResource resource) => resource.Annotations.OfType<FaultAnnotation>().LastOrDefault()?.Fault;

    private sealed record FaultAnnotation(PrerequisiteException Fault) : IResourceAnnotation;
}

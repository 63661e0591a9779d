using Microsoft.Extensions.DependencyInjection;

namespace SegOps.AppHost.Resources;

/// <summary>A prerequisite of a resource is missing on this machine.</summary>
/// <param name="problem">A sentence.</param>
/// <param name="remedies">Commands, each of which corrects the problem.</param>
internal sealed class PrerequisiteException(string problem, params string[] remedies) : Exception(problem)
{
    /// <summary>Commands, each of which corrects the problem.</summary>
    public IReadOnlyList<string> Remedies => remedies;

    /// <summary>The text for the resource's log, without a stack trace. The orchestrator logs exceptions by this method.</summary>
    public override string ToString() => string.Join(Environment.NewLine, remedies.Select(remedy => "    " + remedy).Prepend(Message));
}

internal static class PrerequisiteExtensions
{
    /// <summary>
    /// Checks a prerequisite before each start of the resource, so that a start in the dashboard succeeds after it was installed. If it is missing,
    /// the resource fails to start; its log and details and, through <see cref="PrerequisiteFaults"/>, the console show the problem.
    /// </summary>
    public static IResourceBuilder<T> WithPrerequisite<T>(this IResourceBuilder<T> builder, Func<PrerequisiteException?> find)
        where T : IResource => builder.OnBeforeResourceStarted(async (resource, start, _) =>
        {
            if (find() is { } missing)
                throw await PrerequisiteFaults.NoteAsync(resource, missing, start.Services);
        });
}

/// <summary>The missing prerequisite of each resource at its last start.</summary>
internal static class PrerequisiteFaults
{
    private const string Property = "missing";

    /// <summary>Records a fault on its resource and shows it in the resource's details.</summary>
    public static async Task<PrerequisiteException> NoteAsync(IResource resource, PrerequisiteException fault, IServiceProvider services)
    {
        resource.Annotations.Add(new FaultAnnotation(fault));
        await services.GetRequiredService<ResourceNotificationService>().PublishUpdateAsync(resource, snapshot => snapshot with
        {
            Properties = [.. snapshot.Properties.Where(property => property.Name != Property), new(Property, fault.ToString())],
        });
        return fault;
    }

    /// <summary>The last fault of a resource; null if there is none.</summary>
    public static PrerequisiteException? Of(IResource resource) => resource.Annotations.OfType<FaultAnnotation>().LastOrDefault()?.Fault;

    private sealed record FaultAnnotation(PrerequisiteException Fault) : IResourceAnnotation;
}

using System.Text;
using Microsoft.Extensions.DependencyInjection;
using SegOps.EmbeddedClickHouse.EnginePackage;

namespace SegOps.AppHost.Resources.ClickHouse;

/// <summary>Fetches the embedded engine before ClickHouse starts, and shows how far it is as the resource's state.</summary>
internal static class EngineFetch
{
    /// <summary>How states of a fetch begin.</summary>
    internal const string State = "Fetching";

    /// <summary>Returns when the engine is there: at once, but for a user's first start.</summary>
    /// <exception cref="PrerequisiteException">It cannot be had.</exception>
    public static async Task RunAsync(BeforeResourceStartedEvent start, CancellationToken cancellationToken)
    {
        var notifications = start.Services.GetRequiredService<ResourceNotificationService>();
        try
        {
            using var progress = new StateWriter(start.Resource, notifications);
            await EngineLocator.LocateAsync(progress, cancellationToken);
        }
        catch (EnginePackageException exception)
        {
            throw await PrerequisiteFaults.NoteAsync(
                start.Resource, new PrerequisiteException(exception.Message, "dotnet run --project SegOps.AppHost -- --containers"), start.Services);
        }
    }

    /// <summary>Turns lines of progress into states of a resource.</summary>
    private sealed class StateWriter(IResource resource, ResourceNotificationService notifications) : TextWriter
    {
        public override Encoding Encoding => Encoding.UTF8;

        public override void WriteLine(string? value) => _ = ShowAsync(value);

        public override Task WriteLineAsync(string? value) => ShowAsync(value);

        private Task ShowAsync(string? line) => notifications.PublishUpdateAsync(resource, snapshot => snapshot with
        {
            State = new(line ?? State, KnownResourceStateStyles.Info),
        });
    }
}

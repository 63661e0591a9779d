using System.Text;
using Microsoft.Extensions.DependencyInjection;
using SegOps.EmbeddedClickHouse.EnginePackage;

namespace SegOps.AppHost.Resources.ClickHouse;

/// <summary>Downloads the embedded engine before ClickHouse starts, and shows the progress as the resource's state.</summary>
internal static class EngineFetch
{
    /// <summary>The prefix of states during the download.</summary>
    internal const string State = "Fetching";

    /// <summary>Downloads the engine if this user does not have it yet.</summary>
    /// <exception cref="PrerequisiteException">The download failed.</exception>
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

    /// <summary>Publishes each line of progress as the resource's state.</summary>
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

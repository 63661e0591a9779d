using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;

namespace SegOps.Bench.Running;

/// <summary>Forwards the output of an app host's parts, and their ends and restarts.</summary>
internal sealed class Follower(DistributedApplication app, LocalSystemOptions options)
{
    /// <summary>Follows <paramref name="parts"/> until cancelled.</summary>
    internal void Follow(IEnumerable<string> parts, CancellationToken cancellationToken)
    {
        var names = parts.ToHashSet();
        if (options.OnLine is { } onLine)
            foreach (var name in names)
                _ = FollowLogAsync(name, onLine, cancellationToken);
        if (options.OnIncident is { } onIncident)
            _ = FollowStatesAsync(names, onIncident, cancellationToken);
    }

    private async Task FollowLogAsync(string part, Action<string, string> onLine, CancellationToken cancellationToken)
    {
        try
        {
            // Logs are those of an instance, whose id differs from the name and is known when it runs.
            var running = await app.ResourceNotifications.WaitForResourceAsync(
                part, static change => change.Snapshot.State?.Text == KnownResourceStates.Running, cancellationToken);
            await foreach (var lines in app.Services.GetRequiredService<ResourceLoggerService>().WatchAsync(running.ResourceId).WithCancellation(cancellationToken))
                foreach (var line in lines)
                    onLine(part, line.Content);
        }
        catch (OperationCanceledException)
        {
            // The system stops.
        }
    }

    private async Task FollowStatesAsync(HashSet<string> parts, Action<string, string> onIncident, CancellationToken cancellationToken)
    {
        var states = new Dictionary<string, string?>();
        try
        {
            await foreach (var change in app.ResourceNotifications.WatchAsync(cancellationToken))
            {
                var (name, state) = (change.Resource.Name, change.Snapshot.State?.Text);
                var hasEnded = KnownResourceStates.TerminalStates.Contains(state);
                if (!parts.Contains(name) || !(hasEnded || state == KnownResourceStates.Running))
                    continue;
                var before = states.GetValueOrDefault(change.ResourceId);
                if (hasEnded && before != state)
                    onIncident(name, string.Create(CultureInfo.InvariantCulture, $"ended ({state}, exit code {change.Snapshot.ExitCode})."));
                else if (!hasEnded && KnownResourceStates.TerminalStates.Contains(before))
                    onIncident(name, "restarted.");
                states[change.ResourceId] = state;
            }
        }
        catch (OperationCanceledException)
        {
            // The system stops.
        }
    }
}

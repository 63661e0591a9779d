using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using SegOps.AppHost.Resources;

namespace SegOps.AppHost.Terminal;

/// <summary>Tells on the console how far each part is, what is missing, and, once all is healthy, how to use it.</summary>
internal sealed class StartReport(
    DistributedApplicationModel model, ResourceNotificationService notifications, Banner banner, Screen screen, TimeProvider clock, IHostApplicationLifetime lifetime)
    : IHostedLifecycleService
{
    /// <summary>Aspire's own resource.</summary>
    private const string Dashboard = "aspire-dashboard";

    private readonly ConcurrentDictionary<string, string> _told = new();
    private long _started;

    /// <summary>Before the orchestrator starts anything: it returns only when nothing waits any more.</summary>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        _started = clock.GetTimestamp();
        screen.Write("");
        screen.Write($"  {screen.Bold("Starting SegOps")}");
        screen.Write($"  {screen.Dim("·")} Login to the dashboard at {banner.DashboardLogin}");

        // Not in StoppingAsync, which is not called while the start is still waiting for something.
        lifetime.ApplicationStopping.Register(() =>
        {
            screen.Write("");
            screen.Write($"  Stopping: each part finishes what it holds. {screen.Dim("Ctrl+C again ends it at once.")}");
        });
        _ = WatchAsync(lifetime.ApplicationStopping).ContinueWith(_ => { }, TaskScheduler.Default);
        return Task.CompletedTask;
    }

    /// <summary>Tells a sentence about a part.</summary>
    public void Incident(string part, string sentence) => screen.Write($"  {screen.Yellow("!")} {part,-12}{sentence}");

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task WatchAsync(CancellationToken stopping)
    {
        var missing = model.Resources
            .Where(resource => resource.HasAnnotationOfType<HealthCheckAnnotation>() && resource.Name != Dashboard)
            .Select(resource => resource.Name)
            .ToHashSet();
        await foreach (var part in notifications.WatchAsync(stopping))
        {
            if (!missing.Contains(part.Resource.Name))
                continue;
            if (part.Snapshot.State?.Text == KnownResourceStates.Running && part.Snapshot.HealthStatus == HealthStatus.Healthy)
            {
                missing.Remove(part.Resource.Name);
                screen.Write(string.Create(
                    CultureInfo.InvariantCulture, $"  {screen.Green("✓")} {part.Resource.Name,-12}{clock.GetElapsedTime(_started).TotalSeconds,5:0.0} s"));
                if (missing.Count == 0)
                    await banner.WriteAsync(stopping);
            }
            else
            {
                Tell(part);
            }
        }
    }

    /// <summary>A state of a part that people should know of, once.</summary>
    private void Tell(ResourceEvent part)
    {
        var state = part.Snapshot.State?.Text;
        if (state is null || _told.TryGetValue(part.Resource.Name, out var told) && told == state)
            return;

        _told[part.Resource.Name] = state;
        if (state == KnownResourceStates.FailedToStart)
            TellFault(part.Resource);
        else if (part.Snapshot.State?.Style == KnownResourceStateStyles.Info)
            screen.Write($"  {screen.Dim("·")} {part.Resource.Name,-12}{state}");
    }

    private void TellFault(IResource resource)
    {
        var fault = PrerequisiteFaults.Of(resource);
        screen.Write($"  {screen.Red("✗")} {resource.Name,-12}{fault?.Message ?? "could not be started; its log in the dashboard says why."}");
        foreach (var remedy in fault?.Remedies ?? [])
            screen.Write("        " + screen.Bold(remedy));
        if (fault is not null)
            screen.Write($"      Then start {resource.Name} in the dashboard, or start again.");
    }
}

using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using SegOps.AppHost.Resources;

namespace SegOps.AppHost.Terminal;

/// <summary>Shows the start on the console: each part's state, missing prerequisites and, when all parts are healthy, the banner.</summary>
internal sealed class StartReport(
    DistributedApplicationModel model, ResourceNotificationService notifications, Banner banner, Screen screen, TimeProvider clock, IHostApplicationLifetime lifetime)
    : IHostedLifecycleService
{
    private const string Dashboard = "aspire-dashboard";

    private readonly ConcurrentDictionary<string, string> _shown = new();
    private long _started;

    /// <summary>Begins here, because the orchestrator's StartAsync returns only after all parts have started.</summary>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        _started = clock.GetTimestamp();
        screen.Write("");
        screen.Write($"  {screen.Bold("Starting SegOps")}");
        screen.Write($"  {screen.Dim("·")} Login to the dashboard at {banner.DashboardLogin}");

        // StoppingAsync is not called during the start.
        lifetime.ApplicationStopping.Register(() =>
        {
            screen.Write("");
            screen.Write($"  Stopping: each part finishes its work. {screen.Dim("Ctrl+C again stops at once.")}");
        });
        _ = WatchAsync(lifetime.ApplicationStopping).ContinueWith(_ => { }, TaskScheduler.Default);
        return Task.CompletedTask;
    }

    /// <summary>Shows a message about a part.</summary>
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
                ShowState(part);
            }
        }
    }

    /// <summary>Shows a new state of a part if it has failed to start or Aspire marks the state as information.</summary>
    private void ShowState(ResourceEvent part)
    {
        var state = part.Snapshot.State?.Text;
        if (state is null || _shown.TryGetValue(part.Resource.Name, out var shown) && shown == state)
            return;

        _shown[part.Resource.Name] = state;
        if (state == KnownResourceStates.FailedToStart)
            ShowFault(part.Resource);
        else if (part.Snapshot.State?.Style == KnownResourceStateStyles.Info)
            screen.Write($"  {screen.Dim("·")} {part.Resource.Name,-12}{state}");
    }

    private void ShowFault(IResource resource)
    {
        var fault = PrerequisiteFaults.Of(resource);
        screen.Write($"  {screen.Red("✗")} {resource.Name,-12}{fault?.Message ?? "could not be started; see its log in the dashboard."}");
        foreach (var remedy in fault?.Remedies ?? [])
            screen.Write("        " + screen.Bold(remedy));
        if (fault is not null)
            screen.Write($"      Then start {resource.Name} in the dashboard, or restart the app host.");
    }
}

using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;
using SegOps.AppHost.Resources;

namespace SegOps.AppHost.Lifecycle;

/// <summary>
/// Stops the parts in the direction of the data, so that each can pass on its events: the gateway first, the servers last. Aspire's orchestrator
/// would stop all at once, with 6 s between SIGTERM and SIGKILL. It stops after this service, because it is registered before it.
/// </summary>
internal sealed class OrderedStop(DistributedApplicationModel model, RunningParts parts, IHostApplicationLifetime lifetime) : IHostedLifecycleService, IDisposable
{
    /// <summary>Time for a part to finish its work. It exceeds the parts' own limits, so that only a hanging part is killed.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(20);

    private readonly CancellationTokenSource _force = new();
    private readonly List<PosixSignalRegistration> _signals = [];
    private bool _isStopped;

    /// <summary>Maximum total time to stop: four services and the servers, one after the other.</summary>
    public static TimeSpan Longest => 6 * Grace;

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        _ = parts.WatchAsync(lifetime.ApplicationStopped).ContinueWith(_ => { }, TaskScheduler.Default);
        if (LocalRun.IsProgram)
            _signals.AddRange(new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Select(signal => PosixSignalRegistration.Create(signal, OnSignal)));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        // Windows has no SIGTERM; there the orchestrator stops the parts. Aspire.Hosting.Testing stops a host twice.
        if (OperatingSystem.IsWindows() || _isStopped)
            return;
        _isStopped = true;
        foreach (var rank in model.Resources
            .Select(resource => (resource.Name, resource.Annotations.OfType<PartAnnotation>().FirstOrDefault()?.StopRank))
            .Where(part => part.StopRank is not null)
            .GroupBy(part => part.StopRank)
            .OrderBy(rank => rank.Key))
            await Task.WhenAll(rank.Select(part => parts.StopAsync(part.Name, Grace, _force.Token)));
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose()
    {
        _signals.ForEach(signal => signal.Dispose());
        _force.Dispose();
    }

    /// <summary>The first signal stops the parts in order; the second kills them.</summary>
    private void OnSignal(PosixSignalContext signal)
    {
        signal.Cancel = true;
        if (lifetime.ApplicationStopping.IsCancellationRequested)
            _force.Cancel();
        lifetime.StopApplication();
    }
}

using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;
using SegOps.AppHost.Resources;

namespace SegOps.AppHost.Lifecycle;

/// <summary>
/// Stops the parts in the order that lets each hand on what it holds: who takes in first, who stores last, then the servers. Aspire's orchestrator,
/// which stops after this service since it was registered before, would give all at once 6 s between SIGTERM and SIGKILL.
/// </summary>
internal sealed class OrderedStop(DistributedApplicationModel model, RunningParts parts, IHostApplicationLifetime lifetime) : IHostedLifecycleService, IDisposable
{
    /// <summary>Time for a part to finish what it holds; longer than its own limits, so that only a hanging one is killed.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(20);

    private readonly CancellationTokenSource _force = new();
    private readonly List<PosixSignalRegistration> _signals = [];
    private bool _isStopped;

    /// <summary>Longest that stopping may take altogether: that of four services and the servers.</summary>
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
        // Windows has no signal that asks a process to end; there the orchestrator does what it can. Aspire.Hosting.Testing stops a host twice.
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

    /// <summary>The first signal stops, also that of a closed terminal; the second is impatient.</summary>
    private void OnSignal(PosixSignalContext signal)
    {
        signal.Cancel = true;
        if (lifetime.ApplicationStopping.IsCancellationRequested)
            _force.Cancel();
        lifetime.StopApplication();
    }
}

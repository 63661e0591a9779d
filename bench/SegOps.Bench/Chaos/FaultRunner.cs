using System.Collections.Concurrent;
using SegOps.Bench.Reporting;
using SegOps.Standalone.Parts;
using SegOps.Standalone.Processes;

namespace SegOps.Bench.Chaos;

/// <summary>Does what a plan says to a running system, and to nothing else.</summary>
/// <param name="system">Whose parts are killed, stopped and started again; its supervisors start what ended.</param>
/// <param name="links">The proxies between its parts, by the names of <see cref="FaultPlan.Links"/>.</param>
/// <param name="say">Told each fault in a line.</param>
internal sealed class FaultRunner(LocalSystem system, IReadOnlyDictionary<string, FaultProxy> links, Action<string> say)
{
    /// <summary>For a part to end after SIGTERM; what takes longer is killed.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    private readonly ConcurrentQueue<Fault> _injected = new();
    private readonly ConcurrentQueue<Fault> _missed = new();

    /// <summary>How many faults were injected.</summary>
    internal int Injected => _injected.Count;

    /// <summary>Injects the faults of <paramref name="plan"/> at their times; one that meets its target in another fault waits for the other's end.</summary>
    internal async Task RunAsync(IReadOnlyList<Fault> plan, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        var last = new Dictionary<string, Task>();
        try
        {
            foreach (var fault in plan)
            {
                var wait = fault.At - TimeProvider.System.GetElapsedTime(began);
                await Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, cancellationToken);
                last[fault.Target] = InjectAfterAsync(last.GetValueOrDefault(fault.Target, Task.CompletedTask), fault, cancellationToken);
            }
        }
        finally
        {
            await Task.WhenAll(last.Values);
        }
    }

    /// <summary>What was injected: kinds by targets. A part that was down already when its turn came counts in brackets.</summary>
    internal Table Report()
    {
        var table = new Table(["target", .. Enum.GetNames<FaultKind>()]);
        foreach (var target in FaultPlan.Parts.Concat(FaultPlan.Links))
            table.Add([target, .. Enum.GetValues<FaultKind>().Select(kind => Cell(target, kind))]);
        return table;
    }

    private string Cell(string target, FaultKind kind)
    {
        var (injected, missed) = (Count(_injected), Count(_missed));
        return missed > 0 ? $"{injected} ({missed})" : injected > 0 ? $"{injected}" : "";

        int Count(IEnumerable<Fault> faults) => faults.Count(fault => fault.Target == target && fault.Kind == kind);
    }

    private async Task InjectAfterAsync(Task before, Fault fault, CancellationToken cancellationToken)
    {
        await before;
        if (cancellationToken.IsCancellationRequested)
            return;
        say($"{fault.Kind} {fault.Target}");
        if (links.TryGetValue(fault.Target, out var link))
            await InjectAsync(fault, link, cancellationToken);
        else
            await InjectAsync(fault, cancellationToken);
    }

    private async Task InjectAsync(Fault fault, CancellationToken cancellationToken)
    {
        var child = system.Parts[fault.Target].Child;
        (child.Exited.IsCompleted ? _missed : _injected).Enqueue(fault);
        switch (fault.Kind)
        {
            case FaultKind.Kill:
                child.Kill();
                break;
            case FaultKind.Restart:
                await RestartAsync(child);
                break;
            case FaultKind.Stop:
                child.Pause();
                await LastAsync(fault, cancellationToken);
                child.Resume();
                break;
        }
    }

    private static async Task RestartAsync(ChildProcess child)
    {
        try
        {
            await child.StopAsync(Grace);
        }
        catch (TimeoutException)
        {
            child.Kill(); // its guard, which kills it after the grace, is late on a busy machine
        }
    }

    private async Task InjectAsync(Fault fault, FaultProxy link, CancellationToken cancellationToken)
    {
        _injected.Enqueue(fault);
        switch (fault.Kind)
        {
            case FaultKind.Reset:
                link.Reset();
                return;
            case FaultKind.Latency:
                link.Slow(Fault.Delay);
                break;
            case FaultKind.Cut:
                link.Cut();
                break;
            case FaultKind.HalfOpen:
                link.Swallow();
                break;
        }
        await LastAsync(fault, cancellationToken);
        link.Lift();
    }

    /// <summary>Waits while a fault lasts; to cancel ends the fault early.</summary>
    private static async Task LastAsync(Fault fault, CancellationToken cancellationToken) =>
        await Task.Delay(fault.Lasts, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}

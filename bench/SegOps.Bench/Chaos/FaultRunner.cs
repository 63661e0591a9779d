using System.Collections.Concurrent;
using SegOps.Bench.Reporting;
using SegOps.Bench.Running;

namespace SegOps.Bench.Chaos;

/// <summary>Injects the faults of a plan into a running system.</summary>
/// <param name="system">The system. Its app host restarts parts that ended.</param>
/// <param name="links">The proxies between the instances of its parts, by the names in <see cref="FaultPlan.Links"/>.</param>
/// <param name="writeLine">Receives a line for each fault.</param>
internal sealed class FaultRunner(LocalSystem system, Func<string, IReadOnlyList<FaultProxy>> links, Action<string> writeLine)
{
    /// <summary>How long a part may take to end after SIGTERM before it is killed.</summary>
    private static readonly TimeSpan TerminateTimeout = TimeSpan.FromSeconds(30);

    private readonly ConcurrentQueue<Fault> _injected = new();
    private readonly ConcurrentQueue<Fault> _missed = new();

    /// <summary>Number of faults injected.</summary>
    internal int Injected => _injected.Count;

    /// <summary>Injects the faults of <paramref name="plan"/> at their times. Faults of the same target run one after the other.</summary>
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
                var target = FaultPlan.Links.Contains(fault.Target) ? $"{fault.Target} {fault.Instance}" : PartOf(fault).Name;
                last[target] = InjectAfterAsync(last.GetValueOrDefault(target, Task.CompletedTask), fault, cancellationToken);
            }
        }
        finally
        {
            await Task.WhenAll(last.Values);
        }
    }

    /// <summary>The injected faults, by target and kind. Faults of a part that was already down are in brackets.</summary>
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
        if (FaultPlan.Links.Contains(fault.Target))
        {
            var proxies = links(fault.Target);
            var number = fault.Instance % proxies.Count;
            writeLine($"{fault.Kind} {fault.Target} ({number + 1} of {proxies.Count})");
            await InjectAsync(fault, proxies[number], cancellationToken);
        }
        else
        {
            var part = PartOf(fault);
            writeLine($"{fault.Kind} {part.Name}");
            await InjectAsync(fault, part, cancellationToken);
        }
    }

    /// <summary>The instance of a service, or the server.</summary>
    private Part PartOf(Fault fault)
    {
        var instances = LocalSystem.Instances(fault.Target, FaultPlan.Instances).Where(system.Parts.ContainsKey).ToList();
        return system.Parts[instances[fault.Instance % instances.Count]];
    }

    private async Task InjectAsync(Fault fault, Part part, CancellationToken cancellationToken)
    {
        (part.IsRunning ? _injected : _missed).Enqueue(fault);
        switch (fault.Kind)
        {
            case FaultKind.Kill:
                await part.KillAsync(CancellationToken.None);
                break;
            case FaultKind.Restart:
                await part.TerminateAsync(TerminateTimeout, CancellationToken.None);
                break;
            case FaultKind.Stop:
                part.Pause();
                await LastAsync(fault, cancellationToken);
                part.Resume();
                break;
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

    /// <summary>Waits for the duration of a fault. Cancellation ends it early.</summary>
    private static async Task LastAsync(Fault fault, CancellationToken cancellationToken) =>
        await Task.Delay(fault.Lasts, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}

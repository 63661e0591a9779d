using System.Diagnostics;
using SegOps.AppHost.Resources.Redis;
using SegOps.Bench.Running;
using SegOps.Bench.Storage;

namespace SegOps.Bench.Pipeline;

/// <summary>A running system with its load generator.</summary>
internal sealed class PipelineRig
{
    /// <summary>This process, which samples and sends the probes.</summary>
    internal const string Observer = "this benchmark";

    internal static readonly IReadOnlyList<string> Services = ["gateway", "ingestion", "ingestor"];

    private static readonly TimeSpan SampleInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(3);
    private static readonly string Project = DemoKeys.Enterprise.ProjectId;

    private readonly LocalSystem _system;
    private readonly LoadGenerator _generator;
    private readonly BenchWarehouse _warehouse;
    private readonly Stored _before;
    private long _probes;

    private PipelineRig(LocalSystem system, LoadGenerator generator, BenchWarehouse warehouse, Stored before)
    {
        _system = system;
        _generator = generator;
        _warehouse = warehouse;
        _before = before;
    }

    /// <summary>Answers other than 202, except during the warm-up.</summary>
    internal long Refused { get; private set; }

    /// <summary>Whether every freshness probe was found.</summary>
    internal bool IsEachProbeFound { get; private set; } = true;

    /// <summary>Creates a rig. The system may hold stored events, but no backlog.</summary>
    internal static async Task<PipelineRig> CreateAsync(LocalSystem system, LoadGenerator generator, CancellationToken cancellationToken)
    {
        var warehouse = new BenchWarehouse(system.ClickHouseConnectionString);
        var before = new Stored(0, await warehouse.EventsAsync(Project, cancellationToken), await warehouse.RowsAsync(project: null, cancellationToken));
        return new PipelineRig(system, generator, warehouse, before);
    }

    /// <summary>Warms up the JIT compiler and caches.</summary>
    internal async Task WarmUpAsync(LoadKind kind, double? eventsPerSecond, TimeSpan length, CancellationToken cancellationToken)
    {
        var refused = Refused;
        await ProbeAsync(kind, eventsPerSecond, length, cancellationToken);
        Refused = refused;
    }

    /// <summary>Waits for merges, sends a load, and waits until all events are stored. A null rate sends as fast as requests are answered.</summary>
    internal async Task<PipelineRun> RunAsync(LoadKind kind, double? eventsPerSecond, TimeSpan length, CancellationToken cancellationToken)
    {
        await _warehouse.WaitForMergesAsync(WaitTimeout, cancellationToken);
        return await SendAsync(kind, eventsPerSecond, length, cancellationToken);
    }

    /// <summary>Does the same as <see cref="RunAsync"/>, and sends probes during the load.</summary>
    internal async Task<(PipelineRun Run, Freshness Freshness)> ProbeAsync(
        LoadKind kind, double? eventsPerSecond, TimeSpan length, CancellationToken cancellationToken)
    {
        await _warehouse.WaitForMergesAsync(WaitTimeout, cancellationToken);
        var probing = new FreshnessProbes(_system.GatewayUrl, _warehouse, DemoKeys.Enterprise, () => Interlocked.Increment(ref _probes)).RunAsync(length, cancellationToken);
        var run = await SendAsync(kind, eventsPerSecond, length, cancellationToken);
        var freshness = await probing;
        Refused += freshness.Sent - freshness.Accepted;
        IsEachProbeFound &= freshness.Milliseconds.Count == freshness.Accepted;
        return (run, freshness);
    }

    private async Task<PipelineRun> SendAsync(LoadKind kind, double? eventsPerSecond, TimeSpan length, CancellationToken cancellationToken)
    {
        var usage = new PartUsage(Processes());
        var backlog = new BacklogTrend(length);
        var before = await StateAsync(cancellationToken);
        var began = Stopwatch.GetTimestamp();
        var sending = _generator.RunAsync(kind, eventsPerSecond, length, cancellationToken);
        using var pace = new PeriodicTimer(length / 20 < SampleInterval ? length / 20 : SampleInterval);
        while (!sending.IsCompleted && await pace.WaitForNextTickAsync(cancellationToken))
        {
            var waiting = await WaitingAsync();
            if (Stopwatch.GetElapsedTime(began) <= length)
                backlog.Add(waiting);
            usage.Sample();
        }
        var load = await sending;
        Refused += load.Refused;

        began = Stopwatch.GetTimestamp();
        while (await WaitingAsync() > 0 && Stopwatch.GetElapsedTime(began) < WaitTimeout)
            await pace.WaitForNextTickAsync(cancellationToken);
        var drained = Stopwatch.GetElapsedTime(began);
        usage.Sample();
        return new PipelineRun(load, backlog, drained, [.. usage.Parts.Select(part =>
            new PartFigures(part, usage.Cpu(part).TotalMicroseconds / Math.Max(1, load.Accepted), usage.PeakMegabytes(part)))]);

        async Task<long> WaitingAsync()
        {
            var (accepted, rows) = await StateAsync(cancellationToken);
            return accepted - before.Accepted - (rows - before.Rows);
        }
    }

    /// <summary>Counts the accepted and the stored events. Waits until all are stored or a timeout elapses.</summary>
    internal async Task<Stored> StoredAsync(CancellationToken cancellationToken)
    {
        var accepted = await AcceptedAsync(cancellationToken);
        var events = await _warehouse.WaitForEventsAsync(Project, _before.Events + accepted, WaitTimeout, cancellationToken);
        return new Stored(accepted, events - _before.Events, await _warehouse.RowsAsync(project: null, cancellationToken) - _before.Rows);
    }

    /// <summary>
    /// Counts rows of all projects, because counting events is expensive. Duplicates make the backlog look smaller until they are merged. They
    /// occur when leases in the emulator expire. The final count is of events.
    /// </summary>
    private async Task<(long Accepted, long Rows)> StateAsync(CancellationToken cancellationToken) =>
        (await AcceptedAsync(cancellationToken), await _warehouse.RowsAsync(project: null, cancellationToken));

    private async Task<long> AcceptedAsync(CancellationToken cancellationToken) =>
        await _generator.AcceptedAsync(cancellationToken) + Interlocked.Read(ref _probes);

    private List<(string, int)> Processes() =>
    [
        .. Services.Concat(["monitoring", "clickhouse", "redis", "pubsub"]).Select(part => (part, _system.Parts[part].Id)),
        ("load generator", _generator.ProcessId),
        (Observer, Environment.ProcessId),
    ];
}

/// <summary>Accepted and stored events.</summary>
/// <param name="Accepted">Events accepted by a 202.</param>
/// <param name="Events">Distinct ids in ClickHouse.</param>
/// <param name="Rows">Rows in ClickHouse, including duplicates that are not merged yet.</param>
internal sealed record Stored(long Accepted, long Events, long Rows);

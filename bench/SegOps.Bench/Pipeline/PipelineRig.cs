using System.Diagnostics;
using SegOps.AppHost.Resources.Redis;
using SegOps.Bench.Running;
using SegOps.Bench.Storage;

namespace SegOps.Bench.Pipeline;

/// <summary>A running system with its load generator, and what was accepted so far.</summary>
internal sealed class PipelineRig
{
    /// <summary>This process: it samples, asks for probes and watches over the others.</summary>
    internal const string Observer = "this benchmark";

    internal static readonly IReadOnlyList<string> Services = ["gateway", "ingestion", "ingestor"];

    private static readonly TimeSpan SampleInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly string Project = DemoKeys.Enterprise.ProjectId;

    private readonly LocalSystem _system;
    private readonly LoadGenerator _generator;
    private readonly Warehouse _warehouse;
    private readonly Stored _before;
    private long _probes;

    private PipelineRig(LocalSystem system, LoadGenerator generator, Warehouse warehouse, Stored before)
    {
        _system = system;
        _generator = generator;
        _warehouse = warehouse;
        _before = before;
    }

    /// <summary>Answers that were not 202, without those of warming up.</summary>
    internal long Refused { get; private set; }

    /// <summary>Whether every freshness probe was found.</summary>
    internal bool IsEachProbeFound { get; private set; } = true;

    /// <summary>Makes one of a system, which may hold events, but none that are still on their way.</summary>
    internal static async Task<PipelineRig> CreateAsync(LocalSystem system, LoadGenerator generator, CancellationToken cancellationToken)
    {
        var warehouse = new Warehouse(system.ClickHouseConnectionString);
        var before = new Stored(0, await warehouse.EventsAsync(Project, cancellationToken), await warehouse.RowsAsync(project: null, cancellationToken));
        return new PipelineRig(system, generator, warehouse, before);
    }

    /// <summary>Compiles code and fills caches.</summary>
    internal async Task WarmUpAsync(LoadKind kind, double? eventsPerSecond, TimeSpan length, CancellationToken cancellationToken)
    {
        var refused = Refused;
        await ProbeAsync(kind, eventsPerSecond, length, cancellationToken);
        Refused = refused;
    }

    /// <summary>Sends a load, null as fast as it is answered, and waits until all is stored. Begins when what was stored before is merged.</summary>
    internal async Task<PipelineRun> RunAsync(LoadKind kind, double? eventsPerSecond, TimeSpan length, CancellationToken cancellationToken)
    {
        await _warehouse.WaitForMergesAsync(Patience, cancellationToken);
        return await SendAsync(kind, eventsPerSecond, length, cancellationToken);
    }

    /// <summary>Sends a load likewise, and among it probes.</summary>
    internal async Task<(PipelineRun Run, Freshness Freshness)> ProbeAsync(
        LoadKind kind, double? eventsPerSecond, TimeSpan length, CancellationToken cancellationToken)
    {
        await _warehouse.WaitForMergesAsync(Patience, cancellationToken);
        var probing = new FreshnessProbes(_system.GatewayUrl, _warehouse, () => Interlocked.Increment(ref _probes)).RunAsync(length, cancellationToken);
        var run = await SendAsync(kind, eventsPerSecond, length, cancellationToken);
        var freshness = await probing;
        Refused += freshness.Sent - freshness.Accepted;
        IsEachProbeFound &= freshness.Milliseconds.Count == freshness.Accepted;
        return (run, freshness);
    }

    private async Task<PipelineRun> SendAsync(LoadKind kind, double? eventsPerSecond, TimeSpan length, CancellationToken cancellationToken)
    {
        var usage = new PartUsage(Processes());
        var backlog = new BacklogCourse(length);
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
        while (await WaitingAsync() > 0 && Stopwatch.GetElapsedTime(began) < Patience)
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

    /// <summary>What was accepted until now and what is stored of it, when it is all or waiting is of no use any more.</summary>
    internal async Task<Stored> StoredAsync(CancellationToken cancellationToken)
    {
        var accepted = await AcceptedAsync(cancellationToken);
        var events = await _warehouse.WaitForEventsAsync(Project, _before.Events + accepted, Patience, cancellationToken);
        return new Stored(accepted, events - _before.Events, await _warehouse.RowsAsync(project: null, cancellationToken) - _before.Rows);
    }

    /// <summary>
    /// Rows of all projects are cheap to count, unlike events; nobody else sends any. Those that were delivered twice, which happens when the emulator's leases lapse, make the backlog
    /// look smaller, and larger when a merge takes them away; at the end events are counted.
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

/// <summary>What was accepted beside what is stored.</summary>
/// <param name="Accepted">Events that were answered by a 202.</param>
/// <param name="Events">Distinct ids in ClickHouse.</param>
/// <param name="Rows">Rows in ClickHouse, as many as merges have left.</param>
internal sealed record Stored(long Accepted, long Events, long Rows);

using System.Diagnostics;
using System.Globalization;
using SegOps.AppHost.Resources.Redis;
using SegOps.Bench.Load;
using SegOps.Bench.Reporting;
using SegOps.Bench.Running;
using SegOps.Bench.Storage;
using SegOps.Bench.Write;
using SegOps.Contracts;

namespace SegOps.Bench.Backlog;

/// <summary>Measures how fast a backlog of events drains after the ingestor was stopped, and the memory that this takes.</summary>
internal static class BacklogExperiment
{
    private const int BatchEvents = EventLimits.MaxBatchEvents;
    private const int Connections = 8;

    /// <summary>Upper limit, because the emulator holds the whole backlog in its heap.</summary>
    internal const long MaxEvents = 50_000_000;

    private static readonly TimeSpan SampleInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(5);

    /// <summary>Builds the backlog, then measures how it drains.</summary>
    internal static async Task<Outcome> RunAsync(long events, Progress progress, CancellationToken cancellationToken)
    {
        progress.Show("Starting the system");
        await using var bench = await BenchSystem.StartAsync(cancellationToken);
        await bench.System.Parts["ingestor"].StopAsync(cancellationToken);
        var accepted = await FillAsync(bench.System, events, progress, cancellationToken);

        await bench.System.Parts["ingestor"].StartAsync(cancellationToken);
        var drained = await DrainAsync(bench.System, accepted, progress, cancellationToken);
        progress.Show(StorageBaseline.Name);
        return Of(drained, accepted, await StorageBaseline.SecondsAsync(bench.System, accepted, cancellationToken));
    }

    private static async Task<long> FillAsync(LocalSystem system, long events, Progress progress, CancellationToken cancellationToken)
    {
        long accepted = 0;
        var request = HttpConnection.Request(system.GatewayUrl, "/api/ingestion/track/batch/", DemoKeys.Enterprise.Key, EventBody.Batch(BatchEvents));
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(async _ =>
        {
            using var connection = await HttpConnection.OpenAsync(system.GatewayUrl, cancellationToken);
            while (Interlocked.Add(ref accepted, BatchEvents) <= events)
            {
                // The emulator's first calls may be slow and end in a 503, which accepts nothing.
                while (await connection.SendAsync(request, cancellationToken) != 202)
                    await Task.Delay(SampleInterval, cancellationToken);
                progress.Show(string.Create(CultureInfo.InvariantCulture, $"Accepted while the ingestor is stopped: {Math.Min(accepted, events):N0} events"));
            }
        }));
        return events / BatchEvents * BatchEvents;
    }

    private static async Task<Drained> DrainAsync(LocalSystem system, long accepted, Progress progress, CancellationToken cancellationToken)
    {
        var warehouse = new BenchWarehouse(system.ClickHouseConnectionString);
        var usage = new PartUsage(system, "ingestor", "clickhouse", "pubsub");
        var began = Stopwatch.GetTimestamp();
        long rows = 0, stored = 0;
        while (stored < accepted && Stopwatch.GetElapsedTime(began) < WaitTimeout)
        {
            await Task.Delay(SampleInterval, cancellationToken);
            rows = await warehouse.RowsAsync(DemoKeys.Enterprise.ProjectId, cancellationToken);
            if (rows >= accepted) // Counting distinct ids is expensive, and rows may include duplicates.
                stored = await warehouse.EventsAsync(DemoKeys.Enterprise.ProjectId, cancellationToken);
            usage.Sample();
            progress.Show(string.Create(CultureInfo.InvariantCulture, $"Draining: {rows:N0} rows stored after {Stopwatch.GetElapsedTime(began).TotalSeconds:F0} s"));
        }

        return new Drained(Stopwatch.GetElapsedTime(began).TotalSeconds, rows, stored, usage);
    }

    private static Outcome Of(Drained drained, long accepted, double baseline)
    {
        var parts = new Table("part", "CPU microseconds an event", "peak MB");
        foreach (var part in drained.Usage.Parts)
            parts.Add(part, Cell.Of(drained.Usage.Cpu(part).TotalMicroseconds / drained.Stored, "F2"), Cell.Of(drained.Usage.PeakMegabytes(part), "F0"));
        var draining = new Table(string.Create(CultureInfo.InvariantCulture, $"{accepted:N0} events"), "seconds", "events a second", "ratio", "rows stored twice");
        draining.Add(StorageBaseline.Name, Cell.Of(baseline, "F1"), Cell.Of(accepted / baseline, "N0"), Cell.Of(1, "F2"), "");
        draining.Add(
            "drained from Pub/Sub", Cell.Of(drained.Seconds, "F1"), Cell.Of(drained.Stored / drained.Seconds, "N0"), Cell.Of(baseline / drained.Seconds, "F2"),
            Cell.Of(Math.Max(0, drained.Rows - drained.Stored), "N0"));
        return new Outcome
        {
            Conditions = "Accepted in batches of 500 while the ingestor was stopped. Timed from its readiness until the last event was stored.",
            Tables = [draining, parts],
            Counts = [new ExactCount("Events stored of those accepted", accepted, drained.Stored)],
        };
    }

    private sealed record Drained(double Seconds, long Rows, long Stored, PartUsage Usage);
}

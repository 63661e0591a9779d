using System.Diagnostics;
using System.Globalization;
using SegOps.Bench.Load;
using SegOps.Bench.Reporting;
using SegOps.Bench.Storage;
using SegOps.Contracts;
using SegOps.Standalone;
using SegOps.Standalone.Parts;

namespace SegOps.Bench.Backlog;

/// <summary>How fast events drain that were accepted while the ingestor was away, and with how much memory.</summary>
internal static class BacklogExperiment
{
    private const int BatchEvents = EventLimits.MaxBatchEvents;
    private const int Connections = 8;

    /// <summary>The emulator holds the whole backlog in its heap of 512 MB.</summary>
    internal const long MostEvents = 8_000_000;

    private static readonly TimeSpan SampleInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Fills and drains; prints what was seen.</summary>
    /// <returns>0 when every accepted event is stored, once, else 1.</returns>
    internal static async Task<int> RunAsync(long events, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("segops-backlog-");
        try
        {
            await using var system = await LocalSystem.StartAsync(new LocalSystemOptions
            {
                DataDirectory = folder.FullName,
                ServiceEnvironment = new Dictionary<string, string?> { ["Plans__Enterprise__CallsPerMinute"] = "1000000", ["Canary__Enabled"] = "false" },
            }, cancellationToken);
            await system.StopPartAsync("ingestor");
            var accepted = await FillAsync(system, events, cancellationToken);

            await system.Parts["ingestor"].StartAsync(cancellationToken);
            return await DrainAsync(system, accepted, cancellationToken) ? 0 : 1;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<long> FillAsync(LocalSystem system, long events, CancellationToken cancellationToken)
    {
        long accepted = 0;
        var request = HttpConnection.Request(system.GatewayUrl, "/api/ingestion/track/batch/", DemoKeys.Enterprise.Key, EventBody.Batch(BatchEvents));
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(async _ =>
        {
            using var connection = await HttpConnection.OpenAsync(system.GatewayUrl, cancellationToken);
            while (Interlocked.Add(ref accepted, BatchEvents) <= events)
            {
                // The emulator's first calls may be slow; a 503 was not accepted, and the batch goes again.
                while (await connection.SendAsync(request, cancellationToken) != 202)
                    await Task.Delay(SampleInterval, cancellationToken);
                Console.Write($"\rAccepted without an ingestor: {Math.Min(accepted, events):N0} events ");
            }
        }));
        Console.WriteLine();
        return events / BatchEvents * BatchEvents;
    }

    private static async Task<bool> DrainAsync(LocalSystem system, long accepted, CancellationToken cancellationToken)
    {
        var warehouse = new Warehouse(system.ClickHouseConnectionString);
        var usage = new PartUsage(system, "ingestor", "clickhouse", "pubsub");
        var began = Stopwatch.GetTimestamp();
        long rows = 0, stored = 0;
        while (stored < accepted && Stopwatch.GetElapsedTime(began) < Patience)
        {
            await Task.Delay(SampleInterval, cancellationToken);
            rows = await warehouse.RowsAsync(DemoKeys.Enterprise.ProjectId, cancellationToken);
            if (rows >= accepted) // distinct ids are dear to count, and some messages may have been delivered twice
                stored = await warehouse.EventsAsync(DemoKeys.Enterprise.ProjectId, cancellationToken);
            usage.Sample();
            Console.Write($"\rDraining: {rows:N0} rows stored after {Stopwatch.GetElapsedTime(began).TotalSeconds:F0} s ");
        }

        var took = Stopwatch.GetElapsedTime(began);
        Console.WriteLine();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{accepted:N0} events accepted, {stored:N0} stored within {took.TotalSeconds:F1} s: {stored / took.TotalSeconds:N0} a second on {Environment.ProcessorCount} cores. {rows - stored:N0} rows were there twice."));
        var table = new Table("part", "CPU microseconds an event", "peak MB");
        foreach (var part in usage.Parts)
            table.Add(part, (usage.Cpu(part).TotalMicroseconds / stored).ToString("F2", CultureInfo.InvariantCulture), usage.PeakMegabytes(part).ToString("F0", CultureInfo.InvariantCulture));
        Console.WriteLine(table);
        return stored == accepted;
    }
}

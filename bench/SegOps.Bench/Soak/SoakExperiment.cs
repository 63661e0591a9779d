using System.Globalization;
using SegOps.AppHost.Resources.Redis;
using SegOps.Bench.Reporting;
using SegOps.Bench.Running;
using SegOps.Bench.Storage;

namespace SegOps.Bench.Soak;

/// <summary>Runs the whole system under a steady load and checks the services for leaks of memory, handles and threads.</summary>
internal static class SoakExperiment
{
    private static readonly TimeSpan SampleInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Runs for <paramref name="length"/> and prints the results.</summary>
    /// <returns>0 if the services' figures stayed flat and all accepted events are stored, else 1.</returns>
    internal static async Task<int> RunAsync(TimeSpan length, int perSecond, CancellationToken cancellationToken)
    {
        Console.Write("Starting the system ... ");
        await using var bench = await BenchSystem.StartAsync(options => options with
        {
            ServiceEnvironment = new Dictionary<string, string>(),
            OnIncident = (part, sentence) => Console.WriteLine($"{part} {sentence}"),
        }, cancellationToken);
        Console.WriteLine("started.");
        return await RunAsync(bench.System, length, perSecond, cancellationToken);
    }

    private static async Task<int> RunAsync(LocalSystem system, TimeSpan length, int perSecond, CancellationToken cancellationToken)
    {
        using var load = new SteadyLoad(system.GatewayUrl, perSecond);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var sending = load.RunAsync(stop.Token);
        var samples = await SampleAsync(system, load, length, cancellationToken);
        await stop.CancelAsync();
        await sending;

        var stored = await new BenchWarehouse(system.ClickHouseConnectionString)
            .WaitForEventsAsync(DemoKeys.Enterprise.ProjectId, load.Accepted, DrainTimeout, cancellationToken);
        var trends = samples.Select(part => ResourceTrend.Of(part.Key, part.Value)).ToList();
        Report(length, load, stored, trends);
        var isFlat = trends.Where(trend => LocalSystem.Services.Contains(trend.Part)).All(trend => trend.IsFlat);
        return isFlat && stored == load.Accepted && load.Failed == 0 ? 0 : 1;
    }

    private static async Task<Dictionary<string, List<ProcessFigures>>> SampleAsync(
        LocalSystem system, SteadyLoad load, TimeSpan length, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        var samples = system.Parts.Keys.Order().ToDictionary(part => part, _ => new List<ProcessFigures>());
        using var pace = new PeriodicTimer(SampleInterval);
        TimeSpan elapsed;
        while ((elapsed = TimeProvider.System.GetElapsedTime(began)) < length && await pace.WaitForNextTickAsync(cancellationToken))
        {
            foreach (var (part, figures) in samples)
                figures.Add(ProcessFigures.Of(system.Parts[part].Id));
            Console.Write($"\r{elapsed:mm\\:ss} of {length:mm\\:ss}, {load.Sent:N0} requests, {load.Accepted:N0} events accepted ");
        }
        Console.WriteLine();
        return samples;
    }

    private static void Report(TimeSpan length, SteadyLoad load, long stored, IEnumerable<ResourceTrend> trends)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{length.TotalMinutes:0.#} min, {load.Sent:N0} requests, {load.Accepted:N0} events accepted, {stored:N0} stored, {load.Failed:N0} requests failed. Medians of the second and the last third:"));
        var table = new Table("part", "MB", "MB later", "peak", "handles", "later", "threads", "later", "flat");
        foreach (var trend in trends)
            table.Add(
                trend.Part, Text(trend.Middle.Megabytes), Text(trend.Last.Megabytes), Text(trend.Peak), Text(trend.Middle.Handles), Text(trend.Last.Handles),
                Text(trend.Middle.Threads), Text(trend.Last.Threads), !LocalSystem.Services.Contains(trend.Part) ? "" : trend.IsFlat ? "yes" : "NO");
        Console.WriteLine(table);
    }

    private static Cell Text(double value) => Cell.Of(value, "0");
}

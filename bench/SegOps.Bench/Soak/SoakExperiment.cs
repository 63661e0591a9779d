using System.Globalization;
using SegOps.AppHost.Resources.Redis;
using SegOps.Bench.Reporting;
using SegOps.Bench.Running;
using SegOps.Bench.Storage;

namespace SegOps.Bench.Soak;

/// <summary>Runs the whole system under an even load and looks whether its services hold ever more: memory, handles, threads.</summary>
internal static class SoakExperiment
{
    private static readonly TimeSpan SampleInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Draining = TimeSpan.FromSeconds(60);

    /// <summary>Runs it for <paramref name="length"/> and prints what was seen.</summary>
    /// <returns>0 when our services stayed flat and what was accepted is stored, else 1.</returns>
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
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var sending = load.RunAsync(enough.Token);
        var samples = await SampleAsync(system, load, length, cancellationToken);
        await enough.CancelAsync();
        await sending;

        var stored = await new Warehouse(system.ClickHouseConnectionString)
            .WaitForEventsAsync(DemoKeys.Enterprise.ProjectId, load.Accepted, Draining, cancellationToken);
        var courses = samples.Select(part => Course.Of(part.Key, part.Value)).ToList();
        Report(length, load, stored, courses);
        var isFlat = courses.Where(course => LocalSystem.Services.Contains(course.Part)).All(course => course.IsFlat);
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
            foreach (var (part, taken) in samples)
                taken.Add(ProcessFigures.Of(system.Parts[part].Id));
            Console.Write($"\r{elapsed:mm\\:ss} of {length:mm\\:ss}, {load.Sent:N0} requests, {load.Accepted:N0} events accepted ");
        }
        Console.WriteLine();
        return samples;
    }

    private static void Report(TimeSpan length, SteadyLoad load, long stored, IEnumerable<Course> courses)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{length.TotalMinutes:0.#} min, {load.Sent:N0} requests, {load.Accepted:N0} events accepted, {stored:N0} stored, {load.Failed:N0} requests failed. Medians of the second and the last third:"));
        var table = new Table("part", "MB", "MB later", "peak", "handles", "later", "threads", "later", "flat");
        foreach (var course in courses)
            table.Add(
                course.Part, Text(course.Middle.Megabytes), Text(course.Last.Megabytes), Text(course.Peak), Text(course.Middle.Handles), Text(course.Last.Handles),
                Text(course.Middle.Threads), Text(course.Last.Threads), !LocalSystem.Services.Contains(course.Part) ? "" : course.IsFlat ? "yes" : "NO");
        Console.WriteLine(table);
    }

    private static Cell Text(double value) => Cell.Of(value, "0");
}

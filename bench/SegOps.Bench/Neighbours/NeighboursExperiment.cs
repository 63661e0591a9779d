using System.Globalization;
using SegOps.AppHost.Resources.Redis;
using SegOps.Bench.Pipeline;
using SegOps.Bench.Reporting;
using SegOps.Bench.Running;
using SegOps.Bench.Storage;

namespace SegOps.Bench.Neighbours;

/// <summary>Measures how long a project's events take to be queryable beside each kind of bad neighbour, and just before without one.</summary>
internal static class NeighboursExperiment
{
    private const double MostMilliseconds = 1_000;

    /// <summary>The project that is measured. It sends <see cref="FreshnessProbes.PerSecond"/> events a second.</summary>
    private static readonly DemoKey Measured = DemoKeys.Business;

    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(3);

    /// <summary>Measures each neighbour for <paramref name="seconds"/>, with a quiet baseline of the same length before it.</summary>
    internal static async Task<Outcome> RunAsync(int seconds, IReadOnlyCollection<string> only, Progress progress, CancellationToken cancellationToken)
    {
        var length = TimeSpan.FromSeconds(seconds);
        progress.Show("Starting the system");
        await using var bench = await BenchSystem.StartAsync(
            options => options with
            {
                ServiceEnvironment = new Dictionary<string, string>(options.ServiceEnvironment) { ["Plans__Business__CallsPerMinute"] = "1000000" },
            },
            cancellationToken);
        await using var generator = await LoadGenerator.StartAsync(bench.System.GatewayUrl, cancellationToken);
        var warehouse = new BenchWarehouse(bench.System.ClickHouseConnectionString);
        var table = new Table("neighbour", "quiet p50, ms", "quiet p99, ms", "p50 beside it, ms", "p99 beside it, ms", "p99 / quiet", "p99 under 1 s", "its requests", "of them refused");
        List<string> faults = [];
        await ProbeAsync(); // Warms up.
        foreach (var neighbour in BadNeighbours.All(bench.System.GatewayUrl, generator, warehouse).Where(each => only.Count == 0 || only.Contains(each.Name)))
        {
            progress.Show($"{neighbour.Name}: quiet");
            await warehouse.WaitForMergesAsync(WaitTimeout, cancellationToken);
            var quiet = await ProbeAsync();
            await neighbour.PrepareAsync(length, cancellationToken);
            progress.Show(neighbour.Name);
            var sending = neighbour.SendAsync(length, cancellationToken);
            var beside = await ProbeAsync();
            var (requests, refused) = await sending;
            table.Add(
                neighbour.Name, Text(quiet.Percentile(0.5)), Text(quiet.Percentile(0.99)), Text(beside.Percentile(0.5)), Text(beside.Percentile(0.99)),
                Cell.Of(beside.Percentile(0.99) / quiet.Percentile(0.99), "F1"),
                beside.Percentile(0.99) < MostMilliseconds ? "yes" : "NO", Cell.Of(requests, "N0"), Cell.Of(refused, "N0"));
            if (quiet.Sent + beside.Sent != quiet.Milliseconds.Count + beside.Milliseconds.Count)
                faults.Add($"{neighbour.Name}: not every event of the other project was accepted and found.");
        }

        return new Outcome
        {
            Conditions = string.Create(CultureInfo.InvariantCulture,
                $"{FreshnessProbes.PerSecond} events a second of one project, for {seconds} s without and {seconds} s beside each neighbour."),
            Tables = [table],
            Faults = faults,
        };

        Task<Freshness> ProbeAsync() => new FreshnessProbes(bench.System.GatewayUrl, warehouse, Measured, () => { }).RunAsync(length, cancellationToken);
    }

    private static Cell Text(double milliseconds) => Cell.Of(milliseconds, "F0");
}

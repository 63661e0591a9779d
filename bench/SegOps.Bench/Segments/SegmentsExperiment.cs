using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using SegOps.Bench.Reporting;
using SegOps.Bench.Running;
using SegOps.Bench.Storage;
using SegOps.Segments.Evaluation;
using SegOps.Segments.Rules;
using SegOps.Warehouse;

namespace SegOps.Bench.Segments;

/// <summary>Measures previews and checks of rules beside plain SQL for the same users, passes over users who changed, and what the table of users costs an insert.</summary>
internal static class SegmentsExperiment
{
    /// <summary>Maximum time for the merges of what was stored.</summary>
    internal static readonly TimeSpan MergeTimeout = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan QuietFor = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan QuietTimeout = TimeSpan.FromMinutes(5);

    /// <summary>The part of a processor that ClickHouse uses at most when it is quiet; it uses 0.07 in a system without events.</summary>
    private const double QuietUse = 0.2;

    /// <summary>Stores <paramref name="users"/> users with ten events each, and asks each question <paramref name="rounds"/> times.</summary>
    internal static async Task<Outcome> RunAsync(long users, int rounds, Progress progress, CancellationToken cancellationToken)
    {
        progress.Show("Starting the system");
        await using var bench = await BenchSystem.StartAsync(cancellationToken);
        var warehouse = new BenchWarehouse(bench.System.ClickHouseConnectionString);
        var now = DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());
        await StoredUsers.FillAsync(warehouse, users, now, progress, cancellationToken);
        progress.Show("Waiting for merges");
        await warehouse.WaitForMergesAsync(MergeTimeout, cancellationToken);
        // ClickHouse does it when the parts are a day old.
        await warehouse.RunAsync("OPTIMIZE TABLE users FINAL", cancellationToken);
        await UntilQuietAsync(bench.System, cancellationToken);

        using var http = new WarehouseHttpClient();
        var options = Options.Create(new WarehouseOptions { ConnectionString = bench.System.ClickHouseConnectionString, Deadline = TimeSpan.FromMinutes(1) });
        using var reader = new WarehouseReader(http, options, TimeProvider.System, NullLogger<WarehouseReader>.Instance);
        var runner = new StatementRunner(reader, Options.Create(new EvaluationOptions()));
        var (previews, counts) = await PreviewsAsync(runner, warehouse, now, rounds, progress, cancellationToken);
        return new Outcome
        {
            Conditions = string.Create(CultureInfo.InvariantCulture,
                $"{users:N0} users with ten events each, of which three are orders of the last 30 days. One of a hundred orders is stored twice. {rounds} rounds, two threads."),
            Tables =
            [
                previews,
                await ChecksAsync(runner, now, users, rounds, progress, cancellationToken),
                await InsertMeasurement.RunAsync(bench.System, warehouse, users, now, rounds, progress, cancellationToken),
                await PassMeasurement.RunAsync(bench.System, warehouse, users, rounds, progress, cancellationToken),
            ],
            Counts = counts,
        };
    }

    /// <summary>Waits until ClickHouse uses little of a processor: Monitoring adds up what was stored, again and again.</summary>
    private static async Task UntilQuietAsync(LocalSystem system, CancellationToken cancellationToken)
    {
        for (var waited = TimeSpan.Zero; waited < QuietTimeout; waited += QuietFor)
        {
            var usage = new PartUsage(system, InsertMeasurement.ClickHouse);
            await Task.Delay(QuietFor, cancellationToken);
            usage.Sample();
            if (usage.Cpu(InsertMeasurement.ClickHouse) < QuietFor * QuietUse)
                return;
        }
    }

    private static async Task<(Table Table, List<ExactCount> Counts)> PreviewsAsync(
        StatementRunner runner, BenchWarehouse warehouse, DateTimeOffset now, int rounds, Progress progress, CancellationToken cancellationToken)
    {
        var table = new Table("rule", "preview, median ms", "slowest ms", "all users with the next change, ms", "plain SQL for the count alone, median ms", "rows read, estimated", "estimated ms");
        List<ExactCount> counts = [];
        foreach (var (name, rule, plain) in BenchRules.All(now))
        {
            progress.Show($"Measuring: {name}");
            var evaluation = Of(rule, now);
            Preview? preview = null;
            List<double> ours = [], theirs = [];
            var count = 0L;
            for (var round = 0; round <= rounds; round++)
            {
                var ms = await Timed.RunAsync(async () => preview = await PreviewQuery.RunAsync(runner, evaluation, cancellationToken));
                var plainMs = await Timed.RunAsync(async () => count = await warehouse.RunAsync(plain + " SETTINGS max_threads = 2", cancellationToken));
                if (round == 0) // The first round is the warm-up.
                    continue;
                ours.Add(ms);
                theirs.Add(plainMs);
            }
            counts.Add(new ExactCount($"Users of the rule '{name}'", count, preview!.Count));

            var statement = EvaluationSql.Of(evaluation);
            var all = 0L;
            var allMs = await Timed.RunAsync(async () => all = (await runner.ReadAsync(
                statement with { Sql = $"SELECT countIf(matched), max(next_at) FROM ({statement.Sql})" }, 1, static row => row.Number(0), cancellationToken))[0]);
            counts.Add(new ExactCount($"Users of the rule '{name}', evaluated one by one", count, all));
            var cost = await CostQuery.RunAsync(runner, evaluation, cancellationToken);
            table.Add(name, Cell.Of(Statistics.Median(ours), "F0"), Cell.Of(ours.Max(), "F0"), Cell.Of(allMs, "F0"), Cell.Of(Statistics.Median(theirs), "F0"),
                Cell.Of(cost.Rows, "N0"), Cell.Of(cost.Milliseconds, "F0"));
        }
        return (table, counts);
    }

    private static async Task<Table> ChecksAsync(StatementRunner runner, DateTimeOffset now, long users, int rounds, Progress progress, CancellationToken cancellationToken)
    {
        var table = new Table("one user", "median ms", "95 % within, ms");
        foreach (var (name, rule, _) in BenchRules.All(now))
        {
            progress.Show($"Checking: {name}");
            List<double> times = [];
            for (var i = 0; i <= rounds * 10; i++)
            {
                var user = string.Create(CultureInfo.InvariantCulture, $"user-{i * 7919L % users}");
                var ms = await Timed.RunAsync(() => CheckQuery.RunAsync(runner, Of(rule, now) with { UserId = user }, cancellationToken));
                if (i > 0)
                    times.Add(ms);
            }
            times.Sort();
            table.Add(name, Cell.Of(Statistics.Median(times), "F1"), Cell.Of(Statistics.Percentile(times, 0.95), "F1"));
        }
        return table;
    }

    private static Evaluation Of(Rule rule, DateTimeOffset now) => new(StoredUsers.Project, "live", rule, now, SourceTables.Stored);
}

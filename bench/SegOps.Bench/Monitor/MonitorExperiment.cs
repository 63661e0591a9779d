using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using ClickHouse.Driver;
using SegOps.AppHost.Resources.Redis;
using SegOps.Bench.Reporting;
using SegOps.Bench.Running;
using SegOps.Bench.Storage;

namespace SegOps.Bench.Monitor;

/// <summary>Measures Monitoring's answers through the gateway against the same figures counted from all stored events.</summary>
internal static class MonitorExperiment
{
    /// <summary>ClickHouse's error code.</summary>
    private const int MemoryLimitExceeded = 241;

    private static readonly DemoKey Project = DemoKeys.Enterprise;
    private static readonly string Rows = $"project_id = '{Project.ProjectId}' AND environment = 'live' AND received_at >= now() - INTERVAL";

    /// <summary>The paths, and the queries that count the same from all events. Null for answers without such a figure.</summary>
    private static readonly (string Path, string? Baseline)[] Queries =
    [
        ("health", null),
        ("freshness", null),
        ("volume?window=24h", Counted("toStartOfFifteenMinutes(at)", "1 DAY")),
        ("volume?window=7d", Counted("toStartOfHour(at)", "7 DAY")),
        ("event-types?window=24h", Counted("event_type", "1 DAY")),
        ("event-types?window=7d", Counted("event_type", "7 DAY")),
        ("users?window=24h", $"SELECT uniqExact(user_id) FROM events WHERE {Rows} 1 DAY"),
        ("users?window=7d", $"SELECT uniqExact(user_id) FROM events WHERE {Rows} 7 DAY"),
        ("errors?window=24h", Refused("error", "1 DAY")),
        ("errors?window=7d", Refused("error", "7 DAY")),
        ("warnings?window=7d", Refused("warning", "7 DAY")),
        ("usage", null),
        ("ledger?window=1h", null),
        ("ledger?window=24h", null),
        ("events", null),
        ("events?user_id=user-7", null),
        ("../ingestion/events/0190163d-8694-739b-aea5-966c26f8ad91", null), // An unknown id, for which every source is queried.
    ];

    /// <summary>Requests each path <paramref name="rounds"/> times, with a new system for each number of events.</summary>
    internal static async Task<Outcome> RunAsync(IReadOnlyList<long> sizes, int rounds, Progress progress, CancellationToken cancellationToken)
    {
        List<Table> tables = [];
        List<ExactCount> counts = [];
        foreach (var events in sizes)
        {
            progress.Show("Starting the system");
            await using var bench = await BenchSystem.StartAsync(options => options with
            {
                ServiceEnvironment = new Dictionary<string, string>(options.ServiceEnvironment) { ["Warehouse__Deadline"] = "00:01:00" },
            }, cancellationToken);
            var warehouse = new BenchWarehouse(bench.System.ClickHouseConnectionString);
            await StoredProject.FillAsync(warehouse, Project.ProjectId, events, progress, cancellationToken);
            using var client = new HttpClient { BaseAddress = new Uri(bench.System.GatewayUrl, "/api/monitoring/") };
            client.DefaultRequestHeaders.Add("Authorization", "ApiKey " + Project.Key);
            var counted = await WaitForRollupsAsync(client, events, progress, cancellationToken);
            counts.Add(new ExactCount("The week's volume", events, counted));
            tables.Add(await MeasureAsync(client, warehouse, events, rounds, progress, cancellationToken));
        }
        return new Outcome
        {
            Conditions = $"Events of one project within a week. One of twenty is stored twice, and one refusal is stored for every twenty. {rounds} rounds through the gateway.",
            Tables = tables,
            Counts = counts,
        };
    }

    private static string Counted(string by, string ago) =>
        $"SELECT count() FROM (SELECT {by} AS by_what, count() FROM (SELECT event_id, min(received_at) AS at, any(event_type) AS event_type FROM events WHERE {Rows} {ago} GROUP BY event_id) GROUP BY by_what)";

    private static string Refused(string severity, string ago) =>
        $"SELECT count() FROM (SELECT code, field, uniqExact(error_id) FROM ingestion_errors WHERE {Rows} {ago} AND severity = '{severity}' GROUP BY code, field)";

    /// <returns>The week's volume, once it is exact, or has not changed for a minute.</returns>
    private static async Task<long> WaitForRollupsAsync(HttpClient client, long events, Progress progress, CancellationToken cancellationToken)
    {
        var (began, changed) = (Stopwatch.GetTimestamp(), Stopwatch.GetTimestamp());
        long accepted = 0, before;
        do
        {
            before = accepted;
            await Task.Delay(TimeSpan.FromSeconds(2), cancellationToken);
            accepted = (await client.GetFromJsonAsync<JsonElement>("volume?window=7d", cancellationToken)).GetProperty("accepted").GetInt64();
            if (accepted != before)
                changed = Stopwatch.GetTimestamp();
            progress.Show(string.Create(CultureInfo.InvariantCulture, $"Rolling up: {accepted:N0} events counted after {Stopwatch.GetElapsedTime(began).TotalSeconds:F0} s"));
        }
        while (accepted != events && Stopwatch.GetElapsedTime(changed) < TimeSpan.FromMinutes(1));
        return accepted;
    }

    private static async Task<Table> MeasureAsync(
        HttpClient client, BenchWarehouse warehouse, long events, int rounds, Progress progress, CancellationToken cancellationToken)
    {
        var answers = Queries.ToDictionary(query => query.Path, _ => new List<double>());
        var baselines = Queries.ToDictionary(query => query.Path, _ => new List<double>());
        for (var round = 0; round <= rounds; round++)
        {
            progress.Show($"Measuring: round {round} of {rounds}");
            foreach (var (path, baseline) in Queries)
            {
                var answer = await Timed.RunAsync(() => client.GetByteArrayAsync(path, cancellationToken));
                var counted = baseline is null ? 0 : await TimeBaselineAsync(warehouse, baseline, cancellationToken);
                if (round == 0) // The first round is the warm-up.
                    continue;
                answers[path].Add(answer);
                baselines[path].Add(counted);
            }
        }

        var table = new Table(
            string.Create(CultureInfo.InvariantCulture, $"answer, {events:N0} events"), "median ms", "slowest ms", "counted from all events, median ms", "ratio");
        foreach (var (path, baseline) in Queries)
        {
            var (ours, all) = (Statistics.Median(answers[path]), Statistics.Median(baselines[path]));
            table.Add(path, Cell.Of(ours, "F1"), Cell.Of(answers[path].Max(), "F1"),
                baseline is null ? "" : double.IsNaN(all) ? "out of memory" : Cell.Of(all, "F1"),
                baseline is null || double.IsNaN(all) ? "" : Cell.Of(ours / all, "F3"));
        }
        return table;
    }

    /// <returns>Milliseconds. NaN if ClickHouse's memory limit is too low for the query.</returns>
    private static async Task<double> TimeBaselineAsync(BenchWarehouse warehouse, string sql, CancellationToken cancellationToken)
    {
        try
        {
            return await Timed.RunAsync(() => warehouse.RunAsync(sql, cancellationToken));
        }
        catch (ClickHouseServerException exception) when (exception.ErrorCode == MemoryLimitExceeded)
        {
            return double.NaN;
        }
    }
}

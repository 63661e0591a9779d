using System.Globalization;
using SegOps.Bench.Reporting;
using SegOps.Bench.Running;
using SegOps.Bench.Storage;
using Progress = SegOps.Bench.Reporting.Progress;

namespace SegOps.Bench.Segments;

/// <summary>Measures what the table of users costs an insert.</summary>
internal static class InsertMeasurement
{
    /// <summary>The part of the system that stores.</summary>
    internal const string ClickHouse = "clickhouse";

    private const int InsertRows = 200_000;

    /// <summary>The view that segments need. Another one counts its rows.</summary>
    private const string UsersView = "users_from_events";

    /// <summary>What Monitoring needed before: users replaces it.</summary>
    private const string ActivityView = "user_activity_from_events";

    private static readonly string[] Activity =
    [
        """
        CREATE TABLE user_activity
        (
            project_id LowCardinality(String), environment LowCardinality(String), user UInt64, last_seen SimpleAggregateFunction(max, DateTime('UTC'))
        )
        ENGINE = AggregatingMergeTree
        ORDER BY (project_id, environment, user)
        """,
        $"""
        CREATE MATERIALIZED VIEW {ActivityView} TO user_activity AS
        SELECT project_id, environment, sipHash64(user_id) AS user, max(toDateTime(received_at, 'UTC')) AS last_seen
        FROM events
        WHERE project_id != 'segops-canary'
        GROUP BY project_id, environment, user
        """,
    ];

    /// <summary>ClickHouse's processor time for an event with the table of users, and with the one that it replaced, in alternation.</summary>
    internal static async Task<Table> RunAsync(
        LocalSystem system, BenchWarehouse warehouse, long users, DateTimeOffset now, int rounds, Progress progress, CancellationToken cancellationToken)
    {
        progress.Show("Measuring inserts");
        foreach (var statement in Activity)
            await warehouse.RunAsync(statement, cancellationToken);
        await warehouse.RunAsync($"DETACH TABLE {ActivityView}", cancellationToken);
        List<double> with = [], before = [];
        for (var round = 0; round <= 2 * rounds; round++)
        {
            foreach (var isWith in round % 2 == 0 ? new[] { true, false } : [false, true])
            {
                var ms = await InsertAsync(isWith, round);
                if (round > 0)
                    (isWith ? with : before).Add(ms);
            }
        }
        var (median, baseline) = (Statistics.Median(with), Statistics.Median(before));
        var table = new Table("storing events", "CPU microseconds an event", "growth");
        table.Add("with the table of active users, as before segments", Cell.Of(baseline, "F2"), "");
        table.Add("with the table of users and their changes instead", Cell.Of(median, "F2"), string.Create(CultureInfo.InvariantCulture, $"{(median / baseline) - 1:P1}"));
        return table;

        async Task<double> InsertAsync(bool isWith, int round)
        {
            if (!isWith)
                await SwapAsync(UsersView, ActivityView);
            var usage = new PartUsage(system, ClickHouse);
            await warehouse.RunAsync(StoredUsers.Plain(isWith ? "prj_with" : "prj_before", round * (long)InsertRows, InsertRows, users, now), cancellationToken);
            await warehouse.WaitForMergesAsync(SegmentsExperiment.MergeTimeout, cancellationToken);
            usage.Sample();
            if (!isWith)
                await SwapAsync(ActivityView, UsersView);
            return usage.Cpu(ClickHouse).TotalMicroseconds / InsertRows;
        }

        async Task SwapAsync(string from, string to)
        {
            await warehouse.RunAsync($"DETACH TABLE {from}", cancellationToken);
            await warehouse.RunAsync($"ATTACH TABLE {to}", cancellationToken);
        }
    }
}

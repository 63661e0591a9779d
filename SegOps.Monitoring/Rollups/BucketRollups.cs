using ClickHouse.Driver.ADO.Parameters;
using Microsoft.Extensions.Options;
using SegOps.Contracts;
using SegOps.Warehouse;

namespace SegOps.Monitoring.Rollups;

/// <summary>A project's 15-minute bucket that must be counted again, with the time of its last change.</summary>
internal sealed record ChangedBucket(string Project, string Environment, DateTimeOffset Begins, long ChangedMilliseconds);

/// <summary>Counts 15-minute buckets into <c>volume_by_quarter</c>. Each event counts once, in the bucket of its first receipt.</summary>
internal sealed class BucketRollups(WarehouseReader warehouse, IOptions<RollupOptions> options)
{
    /// <summary>Maximum buckets per pass. The rest waits for the next pass.</summary>
    internal const int MaxBuckets = 500;

    /// <summary>More than the buckets of 30 days, for which roll-ups are kept.</summary>
    private const int MaxLater = 4000;

    /// <summary>
    /// The view records a change with the start of the insert, and the row can become visible later. So a bucket counts as changed for
    /// 5 s, and once more after 60 s, the maximum time of an insert. All times are ClickHouse's.
    /// </summary>
    private const string Changed = """
        SELECT project_id, environment, quarter, received, greatest(received, recount) AS changed
        FROM
        (
            SELECT project_id, environment, quarter, max(changed_at) AS received, max(recount_at) AS recount
            FROM quarter_changes
            WHERE greatest(changed_at, recount_at) >= now64(3) - toIntervalMillisecond({ago:Int64}) AND quarter >= now() - INTERVAL 8 DAY
            GROUP BY project_id, environment, quarter
        ) AS change
        LEFT JOIN
        (
            SELECT project_id, environment, quarter, max(computed_at) AS computed
            FROM volume_by_quarter
            WHERE quarter >= now() - INTERVAL 8 DAY
            GROUP BY project_id, environment, quarter
        ) AS rollup USING (project_id, environment, quarter)
        WHERE computed < changed + INTERVAL 5 SECOND OR (computed < changed + INTERVAL 60 SECOND AND now64(3) >= changed + INTERVAL 60 SECOND)
        ORDER BY quarter DESC
        LIMIT {limit:UInt32}
        """;

    /// <summary>
    /// The time is taken before the rows are read, so that rows that arrive in between change the bucket again. Within a minute, each
    /// (id, received_at) of event_receipts counts once. Rows that are older than the column received_at are in no minute.
    /// </summary>
    private const string Count = $$"""
        INSERT INTO volume_by_quarter
            (project_id, environment, quarter, events, rejected, warnings, event_types, stored, receipts, computed_at)
        SELECT {project:String}, {environment:String}, fromUnixTimestamp({from:Int64}),
            events, rejected, warnings, event_types, stored, receipts, now64(3, 'UTC')
        FROM
        (
            SELECT sum(of_type) AS events, sumForEach(first_by_minute) AS stored, sumForEach(all_by_minute) AS receipts,
                mapFromArrays(groupArrayIf(event_type, of_type > 0), groupArrayIf(of_type, of_type > 0)) AS event_types
            FROM
            (
                SELECT event_type, countIf(NOT came_before) AS of_type,
                    countResample(0, 15, 1)(if(came_before, -1, arrayMin(minutes))) AS first_by_minute,
                    countResampleArray(0, 15, 1)(minutes) AS all_by_minute
                FROM
                (
                    SELECT any(event_type) AS event_type, id IN ({{Earlier}}) AS came_before,
                        arrayMap(at -> intDiv(toUnixTimestamp64Second(at) - {from:Int64}, 60), groupUniqArray(received_at)) AS minutes
                    FROM event_receipts
                    WHERE {{QueryValues.OfProject}} AND quarter = fromUnixTimestamp({from:Int64})
                    GROUP BY id
                )
                GROUP BY event_type
            )
        ) AS received
        CROSS JOIN
        (
            SELECT uniqExactIf((request, place), kind = '{{Severities.Error}}') AS rejected, sumIf(times, kind = '{{Severities.Warning}}') AS warnings
            FROM
            (
                SELECT any({{IngestionErrorColumns.RequestId}}) AS request, any({{IngestionErrorColumns.EventIndex}}) AS place,
                    any({{IngestionErrorColumns.Severity}}) AS kind, any({{IngestionErrorColumns.Occurrences}}) AS times
                FROM ingestion_errors
                WHERE {{QueryValues.OfProject}} AND {{IngestionErrorColumns.ReceivedAt}} >= fromUnixTimestamp({from:Int64})
                    AND {{IngestionErrorColumns.ReceivedAt}} < fromUnixTimestamp({from:Int64}) + INTERVAL 15 MINUTE
                GROUP BY {{IngestionErrorColumns.ErrorId}}
            )
        ) AS refused
        SETTINGS max_threads = 2
        """;

    /// <summary>Ids of the bucket that an earlier bucket also contains.</summary>
    private const string Earlier = $$"""
        SELECT id FROM event_receipts WHERE {{QueryValues.OfProject}} AND quarter < fromUnixTimestamp({from:Int64}) AND id IN ({{Ids}})
        """;

    /// <summary>Later buckets that were counted before this one changed. Usually there are none, and the ids are not read again.</summary>
    private const string Later = $$"""
        SELECT toUnixTimestamp(quarter)
        FROM volume_by_quarter
        WHERE {{QueryValues.OfProject}} AND quarter > fromUnixTimestamp({from:Int64})
        GROUP BY quarter
        HAVING max(computed_at) < fromUnixTimestamp64Milli({changed:Int64}, 'UTC') + INTERVAL 60 SECOND
        """;

    /// <summary>Marks later buckets with events of this bucket. They must be counted again without these events.</summary>
    private const string PassOn = $$"""
        INSERT INTO quarter_changes (project_id, environment, quarter, recount_at)
        SELECT DISTINCT project_id, environment, quarter, now64(3, 'UTC')
        FROM event_receipts
        WHERE {{QueryValues.OfProject}} AND id IN ({{Ids}})
            AND quarter IN (SELECT fromUnixTimestamp(arrayJoin({later:Array(Int64)})))
        SETTINGS max_threads = 2
        """;

    private const string Ids = $$"""SELECT id FROM event_receipts WHERE {{QueryValues.OfProject}} AND quarter = fromUnixTimestamp({from:Int64})""";

    /// <summary>Finds buckets that changed within the last <paramref name="ago"/> and were not counted since, newest first.</summary>
    /// <returns>At most <see cref="MaxBuckets"/>.</returns>
    internal Task<List<ChangedBucket>> FindChangedAsync(TimeSpan ago, CancellationToken cancellationToken)
    {
        var parameters = new ClickHouseParameterCollection().With("ago", (long)ago.TotalMilliseconds).With("limit", MaxBuckets);
        return warehouse.ReadAsync(
            Changed, parameters, MaxBuckets,
            static row => new ChangedBucket(row.GetString(0), row.GetString(1), row.Utc(2), new DateTimeOffset(row.Utc(3)).ToUnixTimeMilliseconds()),
            cancellationToken, options.Value.QueryDeadline);
    }

    /// <summary>Counts a bucket again.</summary>
    internal async Task CountAsync(ChangedBucket bucket, CancellationToken cancellationToken)
    {
        await RunAsync(Count, Parameters(bucket), cancellationToken);
        var later = await RunAsync(Later, Parameters(bucket).With("changed", bucket.ChangedMilliseconds), cancellationToken);
        if (later.Count > 0)
            await RunAsync(PassOn, Parameters(bucket).With("later", later), cancellationToken);
    }

    private Task<List<long>> RunAsync(string sql, ClickHouseParameterCollection parameters, CancellationToken cancellationToken) =>
        warehouse.ReadAsync(sql, parameters, MaxLater, static row => row.Number(0), cancellationToken, options.Value.QueryDeadline);

    private static ClickHouseParameterCollection Parameters(ChangedBucket bucket) =>
        QueryValues.Project(bucket.Project, bucket.Environment).With("from", bucket.Begins.ToUnixTimeSeconds());
}

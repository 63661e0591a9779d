using ClickHouse.Driver.ADO.Parameters;
using Microsoft.Extensions.Options;
using SegOps.Contracts;
using SegOps.Warehouse;

namespace SegOps.Monitoring.Rollups;

/// <summary>A project's quarter of an hour that has to be counted again, with when something was last received into it.</summary>
internal sealed record ChangedQuarter(string Project, string Environment, DateTimeOffset Begins, long ChangedMilliseconds);

/// <summary>Counts quarters of an hour into <c>volume_by_quarter</c>, each event once, in the quarter that received it first.</summary>
internal sealed class QuarterRollups(WarehouseReader warehouse, IOptions<RollupOptions> options)
{
    /// <summary>Quarters found at once; the rest waits for the next pass.</summary>
    internal const int MaxQuarters = 500;

    /// <summary>More than the quarters of 30 days, which roll-ups are kept for.</summary>
    private const int MaxLater = 4000;

    /// <summary>
    /// A row may become visible some time after the view noted its quarter as changed, with the time at which the insert began: a quarter
    /// counts as changed for 5 s, and once more after 60 s, the longest that an insert may take. All times are ClickHouse's own.
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
    /// The time is taken before anything is read, so that what comes in meanwhile makes the quarter change again. By the minute, receipts
    /// count each (id, received_at) once; receipts that are older than that column lie in no minute.
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

    /// <summary>Ids of the quarter that an earlier quarter holds too.</summary>
    private const string Earlier = $$"""
        SELECT id FROM event_receipts WHERE {{QueryValues.OfProject}} AND quarter < fromUnixTimestamp({from:Int64}) AND id IN ({{Ids}})
        """;

    /// <summary>Later quarters that were counted before this one was changed: mostly there is none, and the ids need not be read again.</summary>
    private const string Later = $$"""
        SELECT toUnixTimestamp(quarter)
        FROM volume_by_quarter
        WHERE {{QueryValues.OfProject}} AND quarter > fromUnixTimestamp({from:Int64})
        GROUP BY quarter
        HAVING max(computed_at) < fromUnixTimestamp64Milli({changed:Int64}, 'UTC') + INTERVAL 60 SECOND
        """;

    /// <summary>Where this quarter received the first copy of an event of those, they have to be counted again, without it.</summary>
    private const string PassOn = $$"""
        INSERT INTO quarter_changes (project_id, environment, quarter, recount_at)
        SELECT DISTINCT project_id, environment, quarter, now64(3, 'UTC')
        FROM event_receipts
        WHERE {{QueryValues.OfProject}} AND id IN ({{Ids}})
            AND quarter IN (SELECT fromUnixTimestamp(arrayJoin({later:Array(Int64)})))
        SETTINGS max_threads = 2
        """;

    private const string Ids = $$"""SELECT id FROM event_receipts WHERE {{QueryValues.OfProject}} AND quarter = fromUnixTimestamp({from:Int64})""";

    /// <summary>Finds what has changed within the last <paramref name="ago"/> and was not counted afterwards, the newest first.</summary>
    /// <returns>The quarters, at most <see cref="MaxQuarters"/>.</returns>
    internal Task<List<ChangedQuarter>> FindChangedAsync(TimeSpan ago, CancellationToken cancellationToken)
    {
        var parameters = new ClickHouseParameterCollection().With("ago", (long)ago.TotalMilliseconds).With("limit", MaxQuarters);
        return warehouse.ReadAsync(
            Changed, parameters, MaxQuarters,
            static row => new ChangedQuarter(row.GetString(0), row.GetString(1), row.Utc(2), new DateTimeOffset(row.Utc(3)).ToUnixTimeMilliseconds()),
            cancellationToken, options.Value.QueryDeadline);
    }

    /// <summary>Counts one quarter anew.</summary>
    internal async Task CountAsync(ChangedQuarter quarter, CancellationToken cancellationToken)
    {
        await RunAsync(Count, Parameters(quarter), cancellationToken);
        var later = await RunAsync(Later, Parameters(quarter).With("changed", quarter.ChangedMilliseconds), cancellationToken);
        if (later.Count > 0)
            await RunAsync(PassOn, Parameters(quarter).With("later", later), cancellationToken);
    }

    private Task<List<long>> RunAsync(string sql, ClickHouseParameterCollection parameters, CancellationToken cancellationToken) =>
        warehouse.ReadAsync(sql, parameters, MaxLater, static row => row.Number(0), cancellationToken, options.Value.QueryDeadline);

    private static ClickHouseParameterCollection Parameters(ChangedQuarter quarter) => QueryValues.Project(quarter.Project, quarter.Environment).With("from", quarter.Begins.ToUnixTimeSeconds());
}

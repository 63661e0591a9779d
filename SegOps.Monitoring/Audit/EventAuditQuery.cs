using ClickHouse.Driver.ADO.Parameters;
using SegOps.Contracts;
using SegOps.InternalApi;
using SegOps.Warehouse;

namespace SegOps.Monitoring.Audit;

/// <summary>Missing events of all projects.</summary>
/// <param name="Events">Accepted events that are neither stored nor dead-lettered.</param>
/// <param name="Projects">The number of their projects and environments.</param>
/// <param name="First">The first minute with missing events; null if there are none.</param>
internal sealed record MissingEvents(long Events, long Projects, DateTime? First);

/// <summary>
/// Compares received events with their results, by the minute of receipt. docs/decisions/0012-ledger.md defines each figure.
/// </summary>
internal sealed class EventAuditQuery(WarehouseReader warehouse)
{
    /// <summary>The period of the audit.</summary>
    internal static readonly TimeSpan Length = TimeSpan.FromHours(24);

    private const int Minutes = 24 * 60;

    /// <summary>Deadline of the background query of all projects.</summary>
    private static readonly TimeSpan OfAllDeadline = TimeSpan.FromMinutes(1);

    private static readonly string OfProject = $"""
        SELECT toUnixTimestamp(minute), received, stored, duplicates, rejected, dead_lettered, in_flight, missing, uncounted
        FROM ({EventAuditSql.Of(QueryValues.OfProject)})
        """;

    private static readonly string OfAll = $"""
        SELECT sum(missing), uniqExact(project_id, environment), toUnixTimestamp(min(minute))
        FROM ({EventAuditSql.Of($"project_id != '{Canary.ProjectId}'")})
        WHERE missing > 0
        SETTINGS max_threads = 2
        """;

    /// <summary>A project's minutes within the last <see cref="Length"/> before <paramref name="to"/>, without the empty ones.</summary>
    internal Task<List<EventAuditMinute>> OfProjectAsync(Caller caller, DateTime to, DateTime? watermark, CancellationToken cancellationToken) =>
        warehouse.ReadAsync(
            OfProject, QueryValues.Project(caller.ProjectId, caller.Environment, to - Length, to).With("watermark", Unix(watermark)), Minutes,
            static row => new EventAuditMinute(
                DateTime.UnixEpoch.AddSeconds(row.Number(0)), row.Number(1), row.Number(2), row.Number(3), row.Number(4), row.Number(5), row.Number(6),
                row.Number(7), row.Number(8)),
            cancellationToken);

    /// <summary>The missing events of all projects within the last <see cref="Length"/> before <paramref name="to"/>.</summary>
    internal async Task<MissingEvents> OfAllAsync(DateTime to, DateTime watermark, CancellationToken cancellationToken)
    {
        var parameters = new ClickHouseParameterCollection()
            .With("from", Unix(to - Length)).With("to", Unix(to)).With("watermark", Unix(watermark));
        var sums = await warehouse.ReadAsync(
            OfAll, parameters, 1, static row => (Events: row.Number(0), Projects: row.Number(1), First: row.Number(2)), cancellationToken, OfAllDeadline);
        return sums is [{ Events: > 0 } sum] ? new(sum.Events, sum.Projects, DateTime.UnixEpoch.AddSeconds(sum.First)) : new(0, 0, null);
    }

    private static long Unix(DateTime? time) => time is { } at ? new DateTimeOffset(at).ToUnixTimeSeconds() : 0;
}

/// <summary>
/// The audit as a table with a row for each minute of a project that has any figure. Parameters: <c>from</c>, <c>to</c> and <c>watermark</c>,
/// Unix times in seconds of whole minutes.
/// </summary>
internal static class EventAuditSql
{
    /// <summary>The audit of the projects that <paramref name="condition"/> selects.</summary>
    /// <remarks>
    /// <c>accepted</c> counts events answered 202, <c>receipts</c> the stored ones; each retry counts in both. A positive difference is
    /// in flight or missing, a negative one is uncounted. Open dead letters only fill gaps: an event that is also stored counts as stored.
    /// </remarks>
    internal static string Of(string condition) => $$"""
        SELECT project_id, environment, minute,
            sum(accepted_of) AS accepted, sum(rejected_of) AS rejected, sum(stored_of) AS stored, sum(receipts_of) AS receipts,
            receipts - stored AS duplicates,
            least(sum(letters_of), greatest(accepted - receipts, 0)) AS dead_lettered,
            accepted - receipts - dead_lettered AS difference,
            minute < fromUnixTimestamp({watermark:Int64}) AS is_complete,
            if(is_complete, 0, greatest(difference, 0)) AS in_flight,
            if(is_complete, greatest(difference, 0), 0) AS missing,
            if(is_complete, greatest(-difference, 0), 0) AS uncounted,
            greatest(accepted, receipts) + rejected AS received
        FROM
        (
            {{Received(condition)}}
            UNION ALL
            {{Stored(condition)}}
            UNION ALL
            {{OpenLetters(condition)}}
        )
        WHERE minute >= fromUnixTimestamp({from:Int64}) AND minute < fromUnixTimestamp({to:Int64})
        GROUP BY project_id, environment, minute
        """;

    private static string Received(string condition) => $$"""
        SELECT project_id, environment, minute, toInt64(accepted) AS accepted_of, toInt64(rejected) AS rejected_of,
            toInt64(0) AS stored_of, toInt64(0) AS receipts_of, toInt64(0) AS letters_of
        FROM received_by_minute FINAL
        WHERE {{condition}} AND minute >= fromUnixTimestamp({from:Int64}) AND minute < fromUnixTimestamp({to:Int64})
        """;

    private static string Stored(string condition) => $$"""
        SELECT project_id, environment, quarter + 60 * slot AS minute, 0, 0, toInt64(stored[slot + 1]), toInt64(receipts[slot + 1]), 0
        FROM
        (
            SELECT project_id, environment, quarter, stored, receipts
            FROM volume_by_quarter FINAL
            WHERE {{condition}} AND quarter > fromUnixTimestamp({from:Int64}) - INTERVAL 15 MINUTE AND quarter < fromUnixTimestamp({to:Int64})
        )
        ARRAY JOIN range(15) AS slot
        """;

    /// <summary>The time of receipt is in the row, or in the attributes of an unreadable message. Repeated messages count once.</summary>
    private static string OpenLetters(string condition) => $$"""
        SELECT project_id, environment, toDateTime(toStartOfMinute(assumeNotNull(received_at)), 'UTC') AS minute, 0, 0, 0, 0, toInt64(assumeNotNull(any(events)))
        FROM
        (
            SELECT project_id, environment,
                parseDateTime64BestEffortOrNull(JSONExtractString(raw, '{{EventColumns.ReceivedAt}}'), 6, 'UTC') AS row_at,
                row_at IS NOT NULL AS is_row,
                if(is_row, row_at, parseDateTime64BestEffortOrNull(attributes['{{MessageAttributes.ReceivedAt}}'], 6, 'UTC')) AS received_at,
                if(is_row, 1, toUInt32OrNull(attributes['{{MessageAttributes.Count}}'])) AS events,
                if(is_row, toString(event_id), attributes['{{MessageAttributes.RequestId}}']) AS name
            FROM dead_letters FINAL
            WHERE {{condition}} AND source_table = 'events' AND first_seen >= fromUnixTimestamp({from:Int64})
                AND dead_letter_id NOT IN (SELECT dead_letter_id FROM dead_letter_replays WHERE {{condition}})
        )
        WHERE received_at IS NOT NULL AND events IS NOT NULL
        GROUP BY project_id, environment, received_at, name
        """;
}

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

/// <summary>A project's missing events in a bucket.</summary>
internal sealed record MissingOfProject(string Project, string Environment, long Events, DateTime First);

/// <summary>What the accounts have not counted yet.</summary>
/// <param name="Oldest">Start of the oldest slice that waits; null if none does.</param>
/// <param name="Held">Start of the oldest slice that ClickHouse refused to count; null if there is none.</param>
/// <param name="Holder">The project and environment that could not be counted in it; blank if nothing in it could.</param>
internal sealed record Uncounted(DateTime? Oldest, DateTime? Held, string Holder);

/// <summary>
/// Compares received events with their results, by the minute of receipt. docs/decisions/0012-ledger.md defines each figure.
/// </summary>
internal sealed class EventAuditQuery(WarehouseReader warehouse)
{
    /// <summary>The period of the audit.</summary>
    internal static readonly TimeSpan Length = TimeSpan.FromHours(24);

    /// <summary>The length of a bucket.</summary>
    internal static readonly TimeSpan Bucket = TimeSpan.FromMinutes(15);

    private const int Minutes = 24 * 60;

    /// <summary>Maximum projects of a bucket with missing events that are remembered. Those with the most come first.</summary>
    private const int MaxProjects = 10_000;

    private const string ChangedBuckets = """
        SELECT DISTINCT toUnixTimestamp(toStartOfFifteenMinutes(slice))
        FROM
        (
            SELECT slice, sum(rows) AS all_rows, max(counted) AS done, max(changed_at) AS changed
            FROM account_changes
            WHERE slice >= fromUnixTimestamp({from:Int64}) AND source != 'errors'
            GROUP BY source, slice
        )
        WHERE done < 2 * all_rows OR changed >= now64(3) - INTERVAL 10 MINUTE
        """;

    private static readonly string UncountedOf = $$"""
        SELECT toUnixTimestamp(minIf(slice, NOT is_held)), toUnixTimestamp(minIf(slice, is_held)), argMinIf(concat(project, ' ', of_environment), slice, is_held)
        FROM ({{EventAuditSql.Uncounted("slice >= fromUnixTimestamp({from:Int64})")}})
        """;

    /// <summary>Deadline of the background query of all projects.</summary>
    private static readonly TimeSpan OfAllDeadline = TimeSpan.FromMinutes(1);

    private static readonly string OfProject = $"""
        SELECT toUnixTimestamp(minute), received, stored, duplicates, rejected, dead_lettered, in_flight, missing, uncounted
        FROM ({EventAuditSql.Of(QueryValues.OfProject)})
        """;

    private static readonly string OfAll = $"""
        SELECT project_id, environment, sum(missing) AS events, toUnixTimestamp(min(minute))
        FROM ({EventAuditSql.Of($"project_id != '{Canary.ProjectId}'")})
        WHERE missing > 0
        GROUP BY project_id, environment
        ORDER BY events DESC
        LIMIT {MaxProjects}
        SETTINGS max_threads = 1
        """;

    /// <summary>A project's minutes within the last <see cref="Length"/> before <paramref name="to"/>, without the empty ones.</summary>
    internal Task<List<EventAuditMinute>> OfProjectAsync(Caller caller, DateTime to, DateTime? watermark, CancellationToken cancellationToken) =>
        warehouse.ReadAsync(
            OfProject, QueryValues.Project(caller.ProjectId, caller.Environment, to - Length, to).With("watermark", Unix(watermark)), Minutes,
            static row => new EventAuditMinute(
                DateTime.UnixEpoch.AddSeconds(row.Number(0)), row.Number(1), row.Number(2), row.Number(3), row.Number(4), row.Number(5), row.Number(6),
                row.Number(7), row.Number(8)),
            cancellationToken);

    /// <summary>The missing events of all projects in the bucket that begins at <paramref name="bucket"/>.</summary>
    internal Task<List<MissingOfProject>> OfAllAsync(DateTime bucket, DateTime watermark, CancellationToken cancellationToken) => warehouse.ReadAsync(
        OfAll,
        new ClickHouseParameterCollection().With("from", Unix(bucket)).With("to", Unix(bucket + Bucket)).With("watermark", Unix(watermark)),
        MaxProjects,
        static row => new MissingOfProject(row.GetString(0), row.GetString(1), row.Number(2), DateTime.UnixEpoch.AddSeconds(row.Number(3))),
        cancellationToken,
        OfAllDeadline);

    /// <summary>
    /// Buckets since <paramref name="from"/> that have changed within 10 minutes, or are not counted completely. Others have the result of their last
    /// check.
    /// </summary>
    internal Task<List<DateTime>> ChangedBucketsAsync(DateTime from, CancellationToken cancellationToken) => warehouse.ReadAsync(
        ChangedBuckets, new ClickHouseParameterCollection().With("from", Unix(from)), 100_000, static row => DateTime.UnixEpoch.AddSeconds(row.Number(0)), cancellationToken);

    /// <summary>What the accounts have not counted yet of the last <see cref="Length"/>.</summary>
    internal async Task<Uncounted> UncountedAsync(DateTime to, CancellationToken cancellationToken)
    {
        var rows = await warehouse.ReadAsync(
            UncountedOf, new ClickHouseParameterCollection().With("from", Unix(to - Length)), 1,
            static row => (Oldest: row.Number(0), Held: row.Number(1), Holder: row.GetString(2)), cancellationToken);
        return new(Time(rows[0].Oldest), Time(rows[0].Held), rows[0].Holder);

        static DateTime? Time(long seconds) => seconds == 0 ? null : DateTime.UnixEpoch.AddSeconds(seconds);
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
            sum(accepted_of) AS accepted, sum(rejected_of) AS rejected, sum(receipts_of) AS receipts, sum(duplicates_of) AS duplicates,
            receipts - duplicates AS stored,
            least(sum(letters_of), greatest(accepted - receipts, 0)) AS dead_lettered,
            accepted - receipts - dead_lettered AS difference,
            minute < fromUnixTimestamp({watermark:Int64})
                AND minute NOT IN (SELECT toStartOfMinute(slice) FROM ({{Uncounted(OfSlices)}}) WHERE project = '')
                AND (project_id, environment, minute) NOT IN (SELECT project, of_environment, toStartOfMinute(slice) FROM ({{Uncounted(OfSlices)}}) WHERE project != '')
                AS is_complete,
            if(is_complete, 0, greatest(difference, 0)) AS in_flight,
            if(is_complete, greatest(difference, 0), 0) AS missing,
            if(is_complete, greatest(-difference, 0), 0) AS uncounted,
            greatest(accepted, receipts) + rejected AS received
        FROM
        (
            {{Accounts(condition)}}
            UNION ALL
            {{Duplicates(condition)}}
            UNION ALL
            {{OpenLetters(condition)}}
        )
        WHERE minute >= fromUnixTimestamp({from:Int64}) AND minute < fromUnixTimestamp({to:Int64})
        GROUP BY project_id, environment, minute
        """;

    /// <summary>Slices that are not counted, with the project that holds them, if it is known: columns slice, is_held, project, of_environment.</summary>
    internal static string Uncounted(string condition) => $"""
        SELECT slice, holder_of != '' AS is_held, splitByChar(' ', holder_of)[3] AS project, splitByChar(' ', holder_of)[4] AS of_environment
        FROM
        (
            SELECT slice, sum(rows) AS all_rows, max(counted) AS done, max(holder) AS holder_of
            FROM account_changes
            WHERE source != 'errors' AND {condition}
            GROUP BY source, slice
        )
        WHERE done < 2 * all_rows
        """;

    private const string OfSlices = "slice >= fromUnixTimestamp({from:Int64}) AND slice < fromUnixTimestamp({to:Int64})";

    private static string Accounts(string condition) => $$"""
        SELECT project_id, environment, quarter + 60 * intDiv(slot, 4) AS minute, toInt64(accepted[slot]) AS accepted_of, toInt64(refused[slot]) AS rejected_of,
            toInt64(receipts[slot]) AS receipts_of, toInt64(0) AS duplicates_of, toInt64(0) AS letters_of
        FROM
        (
            SELECT project_id, environment, quarter, receipts, accepted, refused
            FROM accounts FINAL
            WHERE {{condition}} AND quarter > fromUnixTimestamp({from:Int64}) - INTERVAL 15 MINUTE AND quarter < fromUnixTimestamp({to:Int64})
        )
        ARRAY JOIN arrayDistinct(arrayConcat(mapKeys(receipts), mapKeys(accepted), mapKeys(refused))) AS slot
        """;

    private static string Duplicates(string condition) => $$"""
        SELECT project_id, environment, toStartOfMinute(slice) AS minute, 0, 0, 0, toInt64(count()), 0
        FROM event_duplicates FINAL
        WHERE {{condition}} AND {{OfSlices}}
        GROUP BY project_id, environment, minute
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

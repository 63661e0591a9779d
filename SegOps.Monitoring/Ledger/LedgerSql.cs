using SegOps.Contracts;

namespace SegOps.Monitoring.Ledger;

/// <summary>
/// The ledger as a table: a row for each minute in which a project has anything. Parameters: <c>from</c>, <c>to</c> and <c>settled</c>, Unix times
/// in seconds of whole minutes.
/// </summary>
internal static class LedgerSql
{
    /// <summary>The ledger of the projects that <paramref name="condition"/> names.</summary>
    /// <remarks>
    /// Accepted is what clients were told, receipts what is stored of it, each retry being one. What one has more than the other is in flight or
    /// missing, or uncounted. An event that is stored and in an open dead letter is stored: letters fill gaps, no more.
    /// </remarks>
    internal static string Of(string condition) => $$"""
        SELECT project_id, environment, minute,
            sum(accepted_of) AS accepted, sum(rejected_of) AS rejected, sum(stored_of) AS stored, sum(receipts_of) AS receipts,
            receipts - stored AS duplicates,
            least(sum(letters_of), greatest(accepted - receipts, 0)) AS dead_lettered,
            accepted - receipts - dead_lettered AS difference,
            minute < fromUnixTimestamp({settled:Int64}) AS is_settled,
            if(is_settled, 0, greatest(difference, 0)) AS in_flight,
            if(is_settled, greatest(difference, 0), 0) AS missing,
            if(is_settled, greatest(-difference, 0), 0) AS uncounted,
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

    /// <summary>A row tells when it was received, a message that cannot be read by its attributes; a message published twice is one.</summary>
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

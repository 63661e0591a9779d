namespace SegOps.Monitoring.Rollups;

/// <summary>Reads the accounts.</summary>
internal static class AccountsSql
{
    /// <summary>
    /// Events by bucket and type, refusals and warnings by bucket: columns project_id, environment, quarter, event_type, events, rejected, warnings.
    /// An event counts in the bucket of its first receipt. Several rows of a bucket must be added up.
    /// </summary>
    /// <param name="condition">A condition on project_id and environment.</param>
    /// <param name="from">The start of the first bucket.</param>
    /// <param name="to">The end of the last bucket.</param>
    internal static string Buckets(string condition, string from, string to) => $"""
        SELECT project_id, environment, quarter, event_type, toInt64(arraySum(mapValues(receipts))) AS events,
            toInt64(arraySum(mapValues(rejected))) AS rejected, toInt64(arraySum(mapValues(warnings))) AS warnings
        FROM accounts FINAL
        WHERE {condition} AND quarter >= {from} AND quarter < {to}
        UNION ALL
        SELECT project_id, environment, toStartOfFifteenMinutes(slice) AS quarter, event_type, -toInt64(count()), 0, 0
        FROM event_duplicates FINAL
        WHERE {condition} AND slice >= {from} AND slice < {to}
        GROUP BY project_id, environment, quarter, event_type
        """;
}

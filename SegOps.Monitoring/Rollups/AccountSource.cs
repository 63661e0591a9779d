using SegOps.Contracts;

namespace SegOps.Monitoring.Rollups;

/// <summary>A table whose rows the accounts count, slice by slice. A slice is a span of time by the receipt of requests.</summary>
/// <param name="Name">Its name in <c>account_changes</c>.</param>
/// <param name="Length">The length of its slices.</param>
/// <param name="Visible">Counts the visible rows of slices: pairs of slice and rows.</param>
/// <param name="Count">Counts slices into <c>accounts</c>.</param>
/// <param name="Largest">Finds the project and environment with the most rows in slices.</param>
/// <remarks>The statements have the placeholders <see cref="Slices"/> and <see cref="Except"/>.</remarks>
internal sealed record AccountSource(string Name, TimeSpan Length, string Visible, string Count, string Largest)
{
    /// <summary>Placeholder of the list of slices.</summary>
    internal const string Slices = "$slices";

    /// <summary>Placeholder of a further condition on <c>project_id</c> and <c>environment</c>.</summary>
    internal const string Except = "$except";

    /// <summary>
    /// Stored receipts. Rows that are equal in id and received_at are one. FINAL merges sorted rows, so that memory does not depend on their
    /// number, and their order in ClickHouse makes it cheaper than a set of ids.
    /// </summary>
    internal static readonly AccountSource Receipts = new(
        "receipts",
        TimeSpan.FromSeconds(15),
        $"SELECT toUnixTimestamp(slice), count() FROM receipts WHERE slice IN ({Slices}) GROUP BY slice",
        Insert(["receipts"], "event_type", "slice", $"""
            SELECT project_id, environment, event_type, slice, count() AS receipts
            FROM receipts FINAL
            WHERE slice IN ({Slices}) AND {Except}
            GROUP BY project_id, environment, event_type, slice
            SETTINGS do_not_merge_across_partitions_select_final = 1
            """),
        LargestOf("project_id, environment", $"receipts WHERE slice IN ({Slices})"));

    /// <summary>
    /// Errors and warnings. A refused event counts once, however many errors it has. A row that stands for several events says how many.
    /// </summary>
    internal static readonly AccountSource Errors = new(
        "errors",
        TimeSpan.FromSeconds(15),
        $"SELECT toUnixTimestamp({ErrorSlice}) AS slice, count() FROM ingestion_errors WHERE {OfErrorSlices} GROUP BY slice",
        Insert(["rejected", "warnings"], "''", "slice", $"""
            SELECT project_id, environment, slice,
                toUInt64(uniqExactIf((request, place), kind = '{Severities.Error}') + sumIf(times - 1, kind = '{Severities.Error}')) AS rejected,
                sumIf(times, kind = '{Severities.Warning}') AS warnings
            FROM
            (
                SELECT project_id, environment, {ErrorSlice} AS slice, any({IngestionErrorColumns.RequestId}) AS request,
                    any({IngestionErrorColumns.EventIndex}) AS place, any({IngestionErrorColumns.Severity}) AS kind,
                    toUInt64(any({IngestionErrorColumns.Occurrences})) AS times
                FROM ingestion_errors
                WHERE {OfErrorSlices} AND {Except}
                GROUP BY project_id, environment, slice, {IngestionErrorColumns.ErrorId}
            )
            GROUP BY project_id, environment, slice
            """),
        LargestOf("project_id, environment", $"ingestion_errors WHERE {OfErrorSlices}"));

    /// <summary>Ingestion's own counts, by the minute. A redelivered report counts once.</summary>
    internal static readonly AccountSource Received = new(
        "received",
        TimeSpan.FromMinutes(1),
        $"SELECT toUnixTimestamp(minute), sum(length(counts)) FROM received WHERE minute IN ({Slices}) GROUP BY minute",
        Insert(["accepted", "refused"], "''", "minute", $"""
            SELECT count.1 AS project_id, count.2 AS environment, minute, sum(count.3) AS accepted, sum(count.4) AS refused
            FROM received FINAL
            ARRAY JOIN counts AS count
            WHERE minute IN ({Slices}) AND project_id != '{Canary.ProjectId}' AND {Except}
            GROUP BY project_id, environment, minute
            """),
        LargestOf("count.1, count.2", $"received ARRAY JOIN counts AS count WHERE minute IN ({Slices})"));

    /// <summary>All sources.</summary>
    internal static readonly IReadOnlyList<AccountSource> All = [Receipts, Errors, Received];

    private const string ErrorSlice = $"toDateTime(intDiv(toUnixTimestamp({IngestionErrorColumns.ReceivedAt}), 15) * 15, 'UTC')";

    /// <summary>
    /// The range finds the parts, which are small while they are new. Its end has the type of the column: ClickHouse takes <c>&lt;</c> a time of whole
    /// seconds as up to the second before, and leaves out parts whose rows are all within the last second.
    /// </summary>
    private const string OfErrorSlices =
        $"{IngestionErrorColumns.ReceivedAt} >= arrayMin([{Slices}]) AND {IngestionErrorColumns.ReceivedAt} < toDateTime64(arrayMax([{Slices}]) + INTERVAL 15 SECOND, 6, 'UTC') AND {ErrorSlice} IN ({Slices})";

    /// <summary>Fills the placeholders.</summary>
    internal static string With(string statement, IEnumerable<long> slices, string except = "1") => statement
        .Replace(Slices, List(slices), StringComparison.Ordinal).Replace(Except, except, StringComparison.Ordinal);

    /// <summary>Unix times in seconds as a list of times. The table's key is compared with them.</summary>
    internal static string List(IEnumerable<long> slices) =>
        string.Join(", ", slices.Select(slice => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"toDateTime({slice}, 'UTC')")));

    private static string LargestOf(string project, string rows) => $"SELECT {project} FROM {rows} GROUP BY {project} ORDER BY count() DESC LIMIT 1 SETTINGS max_threads = 1";

    /// <summary>Inserts counts of slices into <c>accounts</c>, whose maps have a key for each slice of the bucket.</summary>
    /// <param name="figures">The columns of the counts, which have the names of the maps.</param>
    /// <param name="type">The event type: a column or a literal.</param>
    /// <param name="slice">The column of the slice.</param>
    /// <param name="counts">The query of project_id, environment and these columns.</param>
    internal static string Insert(IReadOnlyList<string> figures, string type, string slice, string counts) => $"""
        INSERT INTO accounts (project_id, environment, quarter, event_type, {string.Join(", ", figures)})
        SELECT project_id, environment, toStartOfFifteenMinutes({slice}) AS quarter, {type} AS type,
            {string.Join(", ", figures.Select(figure => $"mapFromArrays(groupArray(toUInt8(intDiv(toUnixTimestamp({slice}) % 900, 15))), groupArray({figure}))"))}
        FROM ({counts})
        GROUP BY project_id, environment, quarter, type
        SETTINGS max_threads = 1
        """;
}

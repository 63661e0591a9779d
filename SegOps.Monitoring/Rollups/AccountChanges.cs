using System.Globalization;
using ClickHouse.Driver.ADO.Parameters;
using ClickHouse.Driver.ADO.Readers;
using Microsoft.Extensions.Options;
using SegOps.Warehouse;

namespace SegOps.Monitoring.Rollups;

/// <summary>A slice that must be counted.</summary>
/// <param name="Slice">Its start, a Unix time in seconds.</param>
/// <param name="Rows">The rows that were ever inserted.</param>
/// <param name="IsAged">Whether the last of them was inserted more than a minute ago, so that all are visible.</param>
internal readonly record struct ChangedSlice(long Slice, long Rows, bool IsAged);

/// <summary>A state of a slice that was counted or searched; see the table <c>account_changes</c>.</summary>
internal readonly record struct SliceState(long Slice, long State);

/// <summary>Reads and writes <c>account_changes</c>: what has changed, and what was counted. All times are ClickHouse's.</summary>
internal sealed class AccountChanges(WarehouseReader warehouse, IOptions<RollupOptions> options)
{
    /// <summary>Maximum slices per pass and source.</summary>
    internal const int MaxSlices = 1000;

    /// <summary>
    /// Slices of more rows are counted when they are over, and not while they grow. So the work does not depend on the number of passes.
    /// </summary>
    internal const long Small = 200_000;

    /// <summary>Rows can become visible after their change. So a slice is counted again a minute later, unless all its rows were visible.</summary>
    private const string Changed = """
        SELECT toUnixTimestamp(slice), all_rows, is_aged
        FROM
        (
            SELECT slice, sum(rows) AS all_rows, max(changed_at) AS changed, max(counted) AS was, changed < now64(3) - INTERVAL 60 SECOND AS is_aged
            FROM account_changes
            WHERE source = {source:String} AND slice >= now() - INTERVAL 8 DAY
            GROUP BY slice
        )
        WHERE all_rows > 0 AND was < 2 * all_rows + is_aged AND (all_rows <= {small:UInt64} OR slice + toIntervalSecond({length:UInt32}) < now()) AND NOT has({held:Array(Int64)}, toUnixTimestamp(slice))
        ORDER BY changed, slice
        LIMIT {limit:UInt32}
        """;

    /// <summary>
    /// Windows of timely ids: the 15 s in which they were made. Their receipts are in the slices from one before to two after. A window is
    /// searched when it is small, or when these slices are over.
    /// </summary>
    private const string Windows = """
        SELECT toUnixTimestamp(slice), state, nearby_rows
        FROM
        (
            SELECT slice, was, sum(done) OVER nearby AS state, sum(all_rows) OVER nearby AS nearby_rows
            FROM
            (
                SELECT slice, max(near) AS was, max(counted) AS done, sum(rows) AS all_rows
                FROM account_changes
                WHERE source = 'receipts' AND slice >= now() - INTERVAL 8 DAY
                GROUP BY slice
            )
            WINDOW nearby AS (ORDER BY toUnixTimestamp(slice) RANGE BETWEEN 15 PRECEDING AND 30 FOLLOWING)
        )
        WHERE was < state AND (nearby_rows <= {small:UInt64} OR slice + INTERVAL 45 SECOND < now())
        ORDER BY slice
        LIMIT {limit:UInt32}
        """;

    /// <summary>Slices with receipts whose copies can be anywhere in time.</summary>
    private const string Anywhere = """
        SELECT toUnixTimestamp(slice), done, all_far + all_late, all_late > 0
        FROM
        (
            SELECT slice, max(anywhere) AS was, max(counted) AS done, sum(rows) AS all_rows, sum(far) AS all_far, sum(late) AS all_late
            FROM account_changes
            WHERE source = 'receipts' AND slice >= now() - INTERVAL 8 DAY
            GROUP BY slice
        )
        WHERE was < done AND all_far + all_late > 0 AND (all_rows <= {small:UInt64} OR slice + INTERVAL 15 SECOND < now())
        ORDER BY slice
        LIMIT {limit:UInt32}
        """;

    /// <summary>The slice from which on at most <c>most</c> receipts have ids that do not tell their time.</summary>
    private const string Oldest = """
        SELECT toUnixTimestamp(if(count() = 0, now(), min(slice)))
        FROM
        (
            SELECT slice, sum(sum(far)) OVER (ORDER BY slice DESC) AS later
            FROM account_changes
            WHERE source = 'receipts' AND slice >= now() - INTERVAL 8 DAY
            GROUP BY slice
        )
        WHERE later <= {most:UInt64}
        """;

    /// <summary>Finds changed slices that were not counted since, in the order of their changes.</summary>
    /// <param name="source">Their source.</param>
    /// <param name="held">Slices to leave out.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    internal Task<List<ChangedSlice>> ChangedAsync(AccountSource source, IEnumerable<long> held, CancellationToken cancellationToken) => ReadAsync(
        Changed, Parameters().With("source", source.Name).With("length", (uint)source.Length.TotalSeconds).With("held", held.ToArray()),
        static row => new ChangedSlice(row.Number(0), row.Number(1), row.Number(2) != 0), cancellationToken);

    /// <summary>Finds windows of timely ids to search, with the number of receipts in and around them.</summary>
    internal Task<List<(SliceState State, long Nearby)>> WindowsAsync(CancellationToken cancellationToken) =>
        ReadAsync(Windows, Parameters(), static row => (new SliceState(row.Number(0), row.Number(1)), row.Number(2)), cancellationToken);

    /// <summary>Finds slices to search among all receipts, with the number of ids to look for, and whether some were stored late.</summary>
    internal Task<List<(SliceState State, long Ids, bool IsLate)>> AnywhereAsync(CancellationToken cancellationToken) => ReadAsync(
        Anywhere, Parameters(), static row => (new SliceState(row.Number(0), row.Number(1)), row.Number(2), row.Number(3) != 0), cancellationToken);

    /// <summary>The oldest slice to look in for ids that do not tell their time, so that these are at most <paramref name="most"/>.</summary>
    internal async Task<long> OldestAsync(long most, CancellationToken cancellationToken) =>
        (await ReadAsync(Oldest, Parameters().With("most", (ulong)most), static row => row.Number(0), cancellationToken))[0];

    /// <summary>The rows of <paramref name="slices"/> that are visible now.</summary>
    internal async Task<Dictionary<long, long>> VisibleAsync(AccountSource source, IEnumerable<long> slices, CancellationToken cancellationToken) =>
        (await ReadAsync(AccountSource.With(source.Visible, slices), Parameters(), static row => (Slice: row.Number(0), Rows: row.Number(1)), cancellationToken))
            .ToDictionary(row => row.Slice, row => row.Rows);

    /// <summary>Records counted states. The windows around slices of receipts get a row, because their ids may have been made there.</summary>
    internal Task CountedAsync(AccountSource source, IReadOnlyCollection<SliceState> states, CancellationToken cancellationToken)
    {
        var all = source == AccountSource.Receipts
            ? states.Concat(states.SelectMany(state => new[] { -30, -15, 15 }.Select(offset => new SliceState(state.Slice + offset, 0))))
            : states;
        return RecordAsync("counted", source.Name, all, cancellationToken);
    }

    /// <summary>Records windows whose timely ids were searched.</summary>
    internal Task SearchedNearAsync(IEnumerable<SliceState> states, CancellationToken cancellationToken) =>
        RecordAsync("near", AccountSource.Receipts.Name, states, cancellationToken);

    /// <summary>Records slices that were searched among all receipts.</summary>
    internal Task SearchedAnywhereAsync(IEnumerable<SliceState> states, CancellationToken cancellationToken) =>
        RecordAsync("anywhere", AccountSource.Receipts.Name, states, cancellationToken);

    /// <summary>Records the project and environment that hold a slice: they could not be counted.</summary>
    internal Task HeldAsync(AccountSource source, long slice, string holder, CancellationToken cancellationToken) => RunAsync(
        "INSERT INTO account_changes (source, slice, holder) SELECT {source:String}, toDateTime({slice:Int64}, 'UTC'), concat(toString(now64(3, 'UTC')), ' ', {holder:String})",
        Parameters().With("source", source.Name).With("slice", slice).With("holder", holder), cancellationToken);

    /// <summary>Runs a statement without parameters.</summary>
    internal Task RunAsync(string sql, CancellationToken cancellationToken) => RunAsync(sql, new(), cancellationToken);

    /// <summary>Runs a statement with parameters.</summary>
    internal Task RunAsync(string sql, ClickHouseParameterCollection parameters, CancellationToken cancellationToken) =>
        ReadAsync(sql, parameters, static _ => 0, cancellationToken);

    /// <summary>Runs a query without parameters.</summary>
    internal Task<List<T>> ReadAsync<T>(string sql, Func<ClickHouseDataReader, T> read, CancellationToken cancellationToken) =>
        ReadAsync(sql, new(), read, cancellationToken);

    private Task RecordAsync(string column, string source, IEnumerable<SliceState> states, CancellationToken cancellationToken) => RunAsync(
        $"""
        INSERT INTO account_changes (source, slice, {column})
        SELECT '{source}', toDateTime(state.1, 'UTC'), state.2
        FROM (SELECT arrayJoin([{string.Join(", ", states.Select(state => string.Create(CultureInfo.InvariantCulture, $"(toUInt64({state.Slice}), toUInt64({state.State}))")))}]) AS state)
        """,
        cancellationToken);

    /// <summary>Runs a query with parameters.</summary>
    internal Task<List<T>> ReadAsync<T>(
        string sql, ClickHouseParameterCollection parameters, Func<ClickHouseDataReader, T> read, CancellationToken cancellationToken) =>
        warehouse.ReadAsync(sql, parameters, 100 * MaxSlices, read, cancellationToken, options.Value.QueryDeadline);

    private static ClickHouseParameterCollection Parameters() =>
        new ClickHouseParameterCollection().With("small", (ulong)Small).With("limit", (uint)MaxSlices);
}

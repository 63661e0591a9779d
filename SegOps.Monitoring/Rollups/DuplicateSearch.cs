using System.Globalization;

namespace SegOps.Monitoring.Rollups;

/// <summary>
/// Finds receipts of events that were received before, in another request, and writes them to <c>event_duplicates</c>. A client that sends an event
/// again uses the same id. A timely id, a UUID version 7, tells when it was made, so its copies are near in time. Other ids, and copies that come
/// later than 30 s after their id was made, are looked for among the receipts of eight days.
/// </summary>
internal sealed class DuplicateSearch(AccountChanges changes)
{
    /// <summary>Maximum ids held in ClickHouse's memory by a search, about 200 bytes each.</summary>
    internal const long MaxIds = 2_000_000;

    /// <summary>
    /// Maximum receipts with other ids to look through in a search. Their order does not follow the time, so that all of them must be read:
    /// about 15 ns each.
    /// </summary>
    internal const long MaxScanned = 50_000_000;

    /// <summary>Maximum receipts in and around the windows of a search, so that it takes about a second.</summary>
    private const long MaxNearby = 16_000_000;

    /// <summary>A cell: an eighth of the ids that were made in one millisecond.</summary>
    private const string Cell = "toInt64(bitShiftRight(id, 80)) * 8 + bitAnd(reinterpretAsUInt64(id), 7)";

    /// <summary>
    /// Only cells in which an id occurs twice are looked at closely: those of copies, and of a receipt that is stored twice. The sets of a cell's ids
    /// are small, and reading in the order of time fills few at once, so that they stay in the processor's cache.
    /// </summary>
    private static string InsertNear(IReadOnlyCollection<long> windows)
    {
        var slices = windows.SelectMany(window => new[] { window - 15, window, window + 15, window + 30 }).Distinct();
        var nearby = $"slice IN ({AccountSource.List(slices)}) AND made IN ({AccountSource.List(windows)})";
        return Insert($"""
            {nearby} AND {Cell} IN
            (
                SELECT {Cell} AS cell
                FROM receipts
                WHERE {nearby}
                GROUP BY cell
                HAVING count() != uniqExact(reinterpretAsUInt64(id))
            )
            """);
    }

    /// <summary>
    /// The ids of the slices are looked up among all receipts. The index of each granule's ids leaves out timely receipts of other times. If
    /// ClickHouse has little memory, the groups go to disk.
    /// </summary>
    private static string InsertAnywhere(IReadOnlyCollection<long> slices, IReadOnlyCollection<long> late, long oldest)
    {
        var sought = $"slice IN ({AccountSource.List(slices)}) AND (made = 0{(late.Count == 0 ? "" : $" OR slice IN ({AccountSource.List(late)})")})";
        var scope = string.Create(
            CultureInfo.InvariantCulture, $"slice >= now() - INTERVAL 8 DAY AND (made != 0 OR slice >= toDateTime({oldest}, 'UTC') OR slice IN ({AccountSource.List(slices)}))");
        return Insert($"""
            {scope} AND id IN
            (
                SELECT id FROM receipts WHERE {sought} GROUP BY id HAVING min(received_at) < max(received_at)
                UNION ALL
                SELECT id FROM receipts WHERE {scope} AND NOT ({sought}) AND id IN (SELECT id FROM receipts WHERE {sought})
            )
            """);
    }

    private static string Insert(string condition) => $"""
        INSERT INTO event_duplicates (project_id, environment, slice, id, received_at, event_type)
        SELECT project_id, environment, slice, id, received_at, event_type
        FROM
        (
            SELECT project_id, environment, slice, id, received_at, event_type, min(received_at) OVER (PARTITION BY project_id, environment, id) AS first
            FROM receipts
            WHERE {condition}
        )
        WHERE received_at > first
        SETTINGS max_threads = 1, max_bytes_before_external_group_by = 300000000, max_bytes_before_external_sort = 300000000
        """;

    /// <summary>Searches copies of timely ids in windows whose receipts were counted.</summary>
    /// <returns>Whether there are more windows than one pass searches.</returns>
    internal async Task<bool> NearAsync(CancellationToken cancellationToken)
    {
        var windows = await changes.WindowsAsync(cancellationToken);
        if (windows.Count == 0)
            return false;
        var part = Parts(windows, window => window.Nearby, MaxNearby).First();
        await changes.RunAsync(InsertNear(part.ConvertAll(window => window.State.Slice)), cancellationToken);
        await changes.SearchedNearAsync(part.Select(window => window.State), cancellationToken);
        return part.Count < windows.Count;
    }

    /// <summary>Searches copies of other ids, and of events that were stored late, among all receipts.</summary>
    /// <returns>Whether there are more slices than one pass searches.</returns>
    internal async Task<bool> AnywhereAsync(CancellationToken cancellationToken)
    {
        var slices = await changes.AnywhereAsync(cancellationToken);
        if (slices.Count == 0)
            return false;
        var part = Parts(slices, slice => slice.Ids, MaxIds).First();
        var oldest = await changes.OldestAsync(MaxScanned, cancellationToken);
        await changes.RunAsync(
            InsertAnywhere([.. part.Select(slice => slice.State.Slice)], [.. part.Where(slice => slice.IsLate).Select(slice => slice.State.Slice)], oldest),
            cancellationToken);
        await changes.SearchedAnywhereAsync(part.Select(slice => slice.State), cancellationToken);
        return part.Count < slices.Count;
    }

    /// <summary>Splits <paramref name="all"/> into parts of at most <paramref name="most"/>, or of one member that is larger.</summary>
    internal static IEnumerable<List<T>> Parts<T>(IEnumerable<T> all, Func<T, long> size, long most)
    {
        List<T> part = [];
        long sum = 0;
        foreach (var each in all)
        {
            if (part.Count > 0 && sum + size(each) > most)
            {
                yield return part;
                part = [];
                sum = 0;
            }
            part.Add(each);
            sum += size(each);
        }
        if (part.Count > 0)
            yield return part;
    }
}

using ClickHouse.Driver.ADO.Parameters;
using ClickHouse.Driver.ADO.Readers;
using SegOps.Contracts;
using SegOps.Monitoring.Events;
using SegOps.InternalApi;
using SegOps.Warehouse;

namespace SegOps.Monitoring.Live;

/// <summary>Identifies an event. Two projects can use the same id.</summary>
internal readonly record struct RecentKey(Caller Caller, Guid EventId);

/// <summary>A stored event that a filter matches.</summary>
/// <param name="Filter">The filter that it matches.</param>
/// <param name="EventId">Its id.</param>
/// <param name="Age">Time since it was stored, by ClickHouse's clock.</param>
internal readonly record struct RecentEvent(LiveFilter Filter, Guid EventId, TimeSpan Age)
{
    internal RecentKey Key => new(Filter.Caller, EventId);

    /// <summary>Identifies it, whatever its age and however many copies there are.</summary>
    internal (LiveFilter Filter, Guid EventId) Match => (Filter, EventId);
}

/// <summary>
/// Reads the newest events from a table in ClickHouse's memory. It reads in two steps, so that payloads are read only for events that are
/// shown. ClickHouse selects them, so that a project with many events costs Monitoring no more than one with few.
/// </summary>
internal sealed class RecentEvents(WarehouseReader warehouse)
{
    /// <summary>Maximum events of a read for a filter, the newest: a hundred times what a stream shows.</summary>
    internal const int MaxEventsPerFilter = 100 * LiveStream.MaxEvents;

    private const string Source = $$"""
        FROM recent_events
        WHERE ingested_at > now64(6) - toIntervalMillisecond({window:Int64}) AND {{EventColumns.ProjectId}} IN {projects:Array(String)}
        """;

    private const string List = $$"""
        SELECT arrayJoin(arrayFilter(
                i -> {projects:Array(String)}[i] = {{EventColumns.ProjectId}} AND {environments:Array(String)}[i] = {{EventColumns.Environment}}
                    AND ({types:Array(String)}[i] = '' OR {types:Array(String)}[i] = {{EventColumns.EventType}})
                    AND ({users:Array(String)}[i] = '' OR {users:Array(String)}[i] = {{EventColumns.UserId}}),
                range(1, length({projects:Array(String)}) + 1))) AS filter,
            {{EventColumns.EventId}}, dateDiff('microsecond', ingested_at, now64(6))
        {{Source}}
        ORDER BY ingested_at DESC, {{EventColumns.ReceivedAt}} DESC
        LIMIT {max:UInt32} BY filter
        SETTINGS max_threads = 1, log_queries = 0
        """;

    private const string Whole = $$"""
        SELECT {{EventColumns.ProjectId}}, {{EventColumns.Environment}}, {{EventsQuery.Columns}}
        {{Source}} AND {{EventColumns.EventId}} IN {ids:Array(UUID)}
        LIMIT 1 BY {{EventColumns.ProjectId}}, {{EventColumns.Environment}}, {{EventColumns.EventId}}
        SETTINGS max_threads = 1, log_queries = 0
        """;

    /// <summary>
    /// For each filter the newest events stored within the last <paramref name="window"/>, at most <see cref="MaxEventsPerFilter"/> with their copies,
    /// newest first.
    /// </summary>
    internal Task<List<RecentEvent>> ListAsync(IReadOnlyList<LiveFilter> filters, TimeSpan window, CancellationToken cancellationToken) => warehouse.ReadAsync(
        List,
        Parameters(filters.Select(filter => filter.Caller.ProjectId), window)
            .With("environments", filters.Select(filter => filter.Caller.Environment).ToArray())
            .With("types", filters.Select(filter => filter.EventType ?? "").ToArray())
            .With("users", filters.Select(filter => filter.UserId ?? "").ToArray())
            .With("max", MaxEventsPerFilter),
        filters.Count * MaxEventsPerFilter,
        row => new RecentEvent(filters[(int)row.Number(0) - 1], row.GetGuid(1), TimeSpan.FromMicroseconds(row.Number(2))), cancellationToken);

    /// <summary>The events of <paramref name="keys"/> that still exist.</summary>
    internal async Task<Dictionary<RecentKey, StoredEvent>> ReadAsync(
        IReadOnlyCollection<RecentKey> keys, TimeSpan window, CancellationToken cancellationToken)
    {
        string[] projects = [.. keys.Select(key => key.Caller.ProjectId).Distinct()];
        Guid[] ids = [.. keys.Select(key => key.EventId).Distinct()];
        const int Environments = 2;
        var rows = await warehouse.ReadAsync(
            Whole, Parameters(projects, window).With("ids", ids), projects.Length * Environments * ids.Length,
            row => (Caller: CallerOf(row), Event: EventsQuery.Read(row, firstColumn: 2)), cancellationToken);
        return rows.ToDictionary(row => new RecentKey(row.Caller, row.Event.EventId), row => row.Event);
    }

    private static ClickHouseParameterCollection Parameters(IEnumerable<string> projects, TimeSpan window) =>
        new ClickHouseParameterCollection().With("projects", projects.ToArray()).With("window", (long)window.TotalMilliseconds);

    private static Caller CallerOf(ClickHouseDataReader row) => new(row.GetString(0), row.GetString(1));
}

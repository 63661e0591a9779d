using ClickHouse.Driver.ADO.Parameters;
using ClickHouse.Driver.ADO.Readers;
using SegOps.Contracts;
using SegOps.Monitoring.Events;
using SegOps.InternalApi;
using SegOps.Warehouse;

namespace SegOps.Monitoring.Live;

/// <summary>Identifies an event. Two projects can use the same id.</summary>
internal readonly record struct RecentKey(Caller Caller, Guid EventId);

/// <summary>The values of a stored event by which streams select it.</summary>
/// <param name="Caller">Its project and environment.</param>
/// <param name="EventId">Its id.</param>
/// <param name="EventType">Its type.</param>
/// <param name="UserId">Its user.</param>
/// <param name="Age">Time since it was stored, by ClickHouse's clock.</param>
internal sealed record RecentEvent(Caller Caller, Guid EventId, string EventType, string UserId, TimeSpan Age)
{
    internal RecentKey Key => new(Caller, EventId);
}

/// <summary>
/// Reads the newest events from a table in ClickHouse's memory. It reads in two steps, so that payloads are read only for events that are
/// shown.
/// </summary>
internal sealed class RecentEvents(WarehouseReader warehouse)
{
    /// <summary>Maximum events of a read, the newest. No project sends 50,000 per second.</summary>
    private const int MaxRows = 50_000;

    private const string Source = $$"""
        FROM recent_events
        WHERE ingested_at > now64(6) - toIntervalMillisecond({window:Int64}) AND {{EventColumns.ProjectId}} IN {projects:Array(String)}
        """;

    private const string List = $$"""
        SELECT {{EventColumns.ProjectId}}, {{EventColumns.Environment}}, {{EventColumns.EventId}}, {{EventColumns.EventType}}, {{EventColumns.UserId}},
            dateDiff('microsecond', ingested_at, now64(6))
        {{Source}}
        ORDER BY ingested_at DESC, {{EventColumns.ReceivedAt}} DESC
        LIMIT 50000
        SETTINGS max_threads = 1, log_queries = 0
        """;

    private const string Whole = $$"""
        SELECT {{EventColumns.ProjectId}}, {{EventColumns.Environment}}, {{EventsQuery.Columns}}
        {{Source}} AND {{EventColumns.EventId}} IN {ids:Array(UUID)}
        LIMIT 1 BY {{EventColumns.ProjectId}}, {{EventColumns.Environment}}, {{EventColumns.EventId}}
        SETTINGS max_threads = 1, log_queries = 0
        """;

    /// <summary>The events stored within the last <paramref name="window"/>, newest first, including copies.</summary>
    internal Task<List<RecentEvent>> ListAsync(IReadOnlyCollection<string> projects, TimeSpan window, CancellationToken cancellationToken) => warehouse.ReadAsync(
        List, Parameters(projects, window), MaxRows,
        row => new RecentEvent(CallerOf(row), row.GetGuid(2), row.GetString(3), row.GetString(4), TimeSpan.FromMicroseconds(row.Number(5))), cancellationToken);

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

    private static ClickHouseParameterCollection Parameters(IReadOnlyCollection<string> projects, TimeSpan window) =>
        new ClickHouseParameterCollection().With("projects", projects.ToArray()).With("window", (long)window.TotalMilliseconds);

    private static Caller CallerOf(ClickHouseDataReader row) => new(row.GetString(0), row.GetString(1));
}

using ClickHouse.Driver.ADO.Readers;
using SegOps.Monitoring.Volume;
using SegOps.ServiceDefaults.InternalCalls;
using SegOps.Warehouse;

namespace SegOps.Monitoring.EventTypes;

/// <summary>Adds up a project's quarters of an hour by event type, over a window and over the one before.</summary>
internal static class EventTypesQuery
{
    private const string Sql = $$"""
        SELECT event_type, sumIf(events, quarter >= fromUnixTimestamp({from:Int64})) AS current,
            sumIf(events, quarter < fromUnixTimestamp({from:Int64})) AS previous, sum(current) OVER () AS total, count() OVER () AS types
        FROM
        (
            SELECT quarter, event_type, events
            FROM volume_by_quarter FINAL
            ARRAY JOIN mapKeys(event_types) AS event_type, mapValues(event_types) AS events
            WHERE {{QueryValues.OfProject}} AND quarter >= fromUnixTimestamp({before:Int64}) AND quarter < fromUnixTimestamp({to:Int64})
        )
        GROUP BY event_type
        HAVING current > 0
        ORDER BY current DESC, event_type
        LIMIT {limit:UInt32}
        """;

    internal static async Task<EventTypesAnswer> RunAsync(
        WarehouseReader warehouse, TimeProvider clock, Caller caller, VolumeWindow window, int limit, CancellationToken cancellationToken)
    {
        var (from, to) = window.At(clock.GetUtcNow());
        var parameters = QueryValues.Project(caller.ProjectId, caller.Environment, from, to)
            .With("before", new DateTimeOffset(from - window.Length).ToUnixTimeSeconds())
            .With("limit", limit);
        var rows = await warehouse.ReadAsync(Sql, parameters, limit, Read, cancellationToken);
        return new(window.Name, from, to, rows.FirstOrDefault().Total, rows.FirstOrDefault().Types, [.. rows.Select(row => row.Type)]);
    }

    private static (EventTypeCount Type, long Total, long Types) Read(ClickHouseDataReader row)
    {
        var (count, previous, total) = (row.Number(1), row.Number(2), row.Number(3));
        var trend = previous == 0 ? (double?)null : Math.Round((double)count / previous - 1, 4);
        return (new EventTypeCount(row.GetString(0), count, Math.Round((double)count / total, 4), previous, trend), total, row.Number(4));
    }
}

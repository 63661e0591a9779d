using ClickHouse.Driver.ADO.Readers;
using SegOps.Monitoring.Rollups;
using SegOps.Monitoring.Volume;
using SegOps.InternalApi;
using SegOps.Warehouse;

namespace SegOps.Monitoring.EventTypes;

/// <summary><c>GET /api/monitoring/event-types?window=24h|7d&amp;limit=</c></summary>
internal static class EventTypesEndpoint
{
    private const int DefaultLimit = 10;
    private const int MaxLimit = 100;

    internal static void MapEventTypes(this RouteGroupBuilder api) => api.MapGet("/event-types", async (
        Caller caller, HttpRequest request, WarehouseReader warehouse, TimeProvider clock, CancellationToken cancellationToken) =>
    {
        var window = VolumeWindow.Parse(request.Query);
        var limit = QueryParameters.Number(request.Query, "limit", 1, MaxLimit, DefaultLimit);
        var types = await EventTypesQuery.RunAsync(warehouse, clock, caller, window, limit, cancellationToken);
        return Results.Json(types);
    });
}

/// <summary>Sums a project's 15-minute buckets by event type, for a window and the one before.</summary>
internal static class EventTypesQuery
{
    private const string Warning =
        "There are too many event types to count each by its name. (other) counts the further ones of each day together. Put values that vary into the payload.";

    private const string NamedTypes =
        $$"""SELECT event_type FROM account_types WHERE {{QueryValues.OfProject}} AND day >= toDate(fromUnixTimestamp({before:Int64}), 'UTC')""";

    /// <summary>A duplicate of an event without a name of its own is subtracted from the others, as the event is counted there.</summary>
    private static readonly string Sql = $$"""
        SELECT name, sumIf(events, quarter >= fromUnixTimestamp({from:Int64})) AS current,
            sumIf(events, quarter < fromUnixTimestamp({from:Int64})) AS previous, sum(current) OVER () AS total, count() OVER () AS types,
            max(name = '{{CrowdedProjects.Other}}') OVER () AS is_folded
        FROM
        (
            SELECT if(event_type IN ({{NamedTypes}}), toString(event_type), '{{CrowdedProjects.Other}}') AS name, quarter, events
            FROM ({{AccountsSql.Buckets(QueryValues.OfProject, "fromUnixTimestamp({before:Int64})", "fromUnixTimestamp({to:Int64})")}})
        )
        GROUP BY name
        HAVING current > 0
        ORDER BY current DESC, name
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
        return new(window.Name, from, to, rows.FirstOrDefault().Total, rows.FirstOrDefault().Types, [.. rows.Select(row => row.Type)], rows.FirstOrDefault().IsFolded ? Warning : null);
    }

    private static (EventTypeCount Type, long Total, long Types, bool IsFolded) Read(ClickHouseDataReader row)
    {
        var (count, previous, total) = (row.Number(1), row.Number(2), row.Number(3));
        var trend = previous == 0 ? (double?)null : Math.Round((double)count / previous - 1, 4);
        return (new EventTypeCount(row.GetString(0), count, Math.Round((double)count / total, 4), previous, trend), total, row.Number(4), row.Number(5) != 0);
    }
}

/// <summary>The most frequent event types of a window; times are UTC.</summary>
/// <param name="Window">Name of the window.</param>
/// <param name="From">Its start.</param>
/// <param name="To">Its end, which is in the future.</param>
/// <param name="Total">Events of all types.</param>
/// <param name="Distinct">The number of types.</param>
/// <param name="EventTypes">The most frequent types, in order.</param>
/// <param name="Warning">Says that further types are counted together; absent if each is counted by its name.</param>
internal sealed record EventTypesAnswer(
    string Window, DateTime From, DateTime To, long Total, long Distinct, IReadOnlyList<EventTypeCount> EventTypes, string? Warning);

/// <summary>One event type.</summary>
/// <param name="EventType">Its name.</param>
/// <param name="Count">Its events in the window.</param>
/// <param name="Share">Its share of the window's events, from 0 to 1.</param>
/// <param name="Previous">Its events in the previous window of the same length.</param>
/// <param name="Trend">Growth since the previous window, such as 0.5 for 50 % more; absent without previous events.</param>
internal sealed record EventTypeCount(string EventType, long Count, double Share, long Previous, double? Trend);

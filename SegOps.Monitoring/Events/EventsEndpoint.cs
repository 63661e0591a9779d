using System.Text.Json.Serialization;
using ClickHouse.Driver.ADO.Parameters;
using ClickHouse.Driver.ADO.Readers;
using SegOps.Contracts;
using SegOps.InternalApi;
using SegOps.Warehouse;

namespace SegOps.Monitoring.Events;

/// <summary><c>GET /api/monitoring/events?user_id=&amp;event_type=&amp;limit=</c></summary>
internal static class EventsEndpoint
{
    /// <summary>Maximum events of an answer.</summary>
    internal const int MaxLimit = 1000;

    private const int DefaultLimit = 100;

    internal static void MapEvents(this RouteGroupBuilder api) => api.MapGet("/events", async (
        Caller caller, HttpRequest request, WarehouseReader warehouse, TimeProvider clock, CancellationToken cancellationToken) =>
    {
        var filter = new EventsFilter(
            QueryParameters.Text(request.Query, "user_id", EventLimits.MaxUserIdLength),
            QueryParameters.Text(request.Query, "event_type", EventLimits.MaxEventTypeLength),
            QueryParameters.Number(request.Query, "limit", 1, MaxLimit, DefaultLimit));
        var events = await EventsQuery.RunAsync(warehouse, clock, caller, filter, cancellationToken);
        return Results.Json(new EventsAnswer(events));
    });
}

/// <summary>The selection of events.</summary>
internal sealed record EventsFilter(string? UserId, string? EventType, int Limit);

/// <summary>Reads a project's newest events, without copies.</summary>
internal static class EventsQuery
{
    /// <summary>The columns for <see cref="Read"/>.</summary>
    internal const string Columns =
        $"{EventColumns.EventId}, {EventColumns.EventType}, {EventColumns.UserId}, {EventColumns.OccurredAt}, {EventColumns.ReceivedAt}, {EventColumns.RequestId}, {EventColumns.Payload}";

    /// <summary>
    /// Periods that are searched in turn until there are enough events, so that a busy project needs no scan of all its years.
    /// <c>Copies</c> is the number of rows to read per event, because some rows may be copies.
    /// </summary>
    private static readonly (TimeSpan? Back, int Copies)[] Lookbacks =
        [(TimeSpan.FromHours(1), 4), (TimeSpan.FromDays(1), 16), (TimeSpan.FromDays(30), 64), (null, 1024)];

    /// <summary>A user has few events, which an index finds.</summary>
    private static readonly (TimeSpan? Back, int Copies)[] LookbacksOfAUser = [(TimeSpan.FromDays(30), 16), (null, 1024)];

    internal static async Task<List<StoredEvent>> RunAsync(
        WarehouseReader warehouse, TimeProvider clock, Caller caller, EventsFilter filter, CancellationToken cancellationToken)
    {
        List<StoredEvent> events = [];
        foreach (var (back, copies) in filter.UserId is null ? Lookbacks : LookbacksOfAUser)
        {
            var (sql, parameters) = Compose(caller, filter, copies, back is { } span ? clock.GetUtcNow() - span : null);
            events = await warehouse.ReadAsync(sql, parameters, filter.Limit, row => Read(row), cancellationToken);
            if (events.Count == filter.Limit)
                break;
        }
        return events;
    }

    /// <summary>Reads an event from the columns at <paramref name="firstColumn"/>.</summary>
    internal static StoredEvent Read(ClickHouseDataReader row, int firstColumn = 0) => new(
        row.GetGuid(firstColumn), row.GetString(firstColumn + 1), row.GetString(firstColumn + 2), row.Utc(firstColumn + 3), row.Utc(firstColumn + 4),
        row.GetGuid(firstColumn + 5), row.GetString(firstColumn + 6));

    /// <summary>First finds the time of the oldest required row, so that few unnecessary payloads are read.</summary>
    private static (string Sql, ClickHouseParameterCollection Parameters) Compose(Caller caller, EventsFilter filter, int copies, DateTimeOffset? since)
    {
        var parameters = QueryValues.Project(caller.ProjectId, caller.Environment)
            .With("limit", filter.Limit).With("rows", copies * filter.Limit);
        var where = QueryValues.OfProject;
        if (since is { } from)
        {
            parameters.With("since", from.ToUnixTimeSeconds());
            where += $" AND {EventColumns.ReceivedAt} >= fromUnixTimestamp({{since:Int64}})";
        }
        if (filter.UserId is { } user)
        {
            parameters.With("user_id", user);
            where += $" AND {EventColumns.UserId} = {{user_id:String}}";
        }
        if (filter.EventType is { } type)
        {
            parameters.With("event_type", type);
            where += $" AND {EventColumns.EventType} = {{event_type:String}}";
        }

        return ($$"""
            WITH
            (
                SELECT min(at) FROM (SELECT {{EventColumns.ReceivedAt}} AS at FROM events WHERE {{where}} ORDER BY at DESC LIMIT {rows:UInt32})
            ) AS oldest
            SELECT {{Columns}}
            FROM events
            WHERE {{where}} AND {{EventColumns.ReceivedAt}} >= oldest
            ORDER BY {{EventColumns.ReceivedAt}} DESC, {{EventColumns.EventId}}
            LIMIT 1 BY {{EventColumns.EventId}}
            LIMIT {limit:UInt32}
            """, parameters);
    }
}

/// <summary>Stored events, newest first.</summary>
internal sealed record EventsAnswer(IReadOnlyList<StoredEvent> Events);

/// <summary>A stored event; times are UTC.</summary>
internal sealed record StoredEvent(
    Guid EventId,
    string EventType,
    string UserId,
    DateTime OccurredAt,
    DateTime ReceivedAt,
    Guid RequestId,
    [property: JsonConverter(typeof(RawJsonConverter))] string Payload);

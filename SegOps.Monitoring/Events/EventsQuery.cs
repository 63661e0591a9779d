using ClickHouse.Driver.ADO.Parameters;
using ClickHouse.Driver.ADO.Readers;
using ClickHouse.Driver.Utility;
using SegOps.Contracts;
using SegOps.Monitoring.Warehouse;
using SegOps.ServiceDefaults.InternalCalls;

namespace SegOps.Monitoring.Events;

/// <summary>Which events to show.</summary>
internal sealed record EventsFilter(string? UserId, string? EventType, int Limit);

/// <summary>Reads a project's newest events, each once however often it is stored.</summary>
internal static class EventsQuery
{
    /// <summary>Looked through one after the other until there are enough, so that the newest events of a busy project need no scan of all its years.</summary>
    private static readonly TimeSpan?[] Lookbacks = [TimeSpan.FromMinutes(1), TimeSpan.FromHours(1), TimeSpan.FromDays(1), TimeSpan.FromDays(30), null];

    internal static async Task<List<StoredEvent>> RunAsync(
        WarehouseReader warehouse, TimeProvider clock, Caller caller, EventsFilter filter, CancellationToken cancellationToken)
    {
        List<StoredEvent> events = [];
        foreach (var lookback in Lookbacks)
        {
            var (sql, parameters) = Compose(caller, filter, lookback is { } back ? clock.GetUtcNow() - back : null);
            events = await warehouse.ReadAsync(sql, parameters, filter.Limit, Read, cancellationToken);
            if (events.Count == filter.Limit)
                break;
        }
        return events;
    }

    private static (string Sql, ClickHouseParameterCollection Parameters) Compose(Caller caller, EventsFilter filter, DateTimeOffset? since)
    {
        var parameters = new ClickHouseParameterCollection();
        parameters.AddParameter("project", caller.ProjectId);
        parameters.AddParameter("environment", caller.Environment);
        parameters.AddParameter("limit", filter.Limit);
        var where = $"{EventColumns.ProjectId} = {{project:String}} AND {EventColumns.Environment} = {{environment:String}}";
        if (since is { } from)
        {
            parameters.AddParameter("since", from.ToUnixTimeSeconds());
            where += $" AND {EventColumns.ReceivedAt} >= fromUnixTimestamp({{since:Int64}})";
        }
        if (filter.UserId is { } user)
        {
            parameters.AddParameter("user_id", user);
            where += $" AND {EventColumns.UserId} = {{user_id:String}}";
        }
        if (filter.EventType is { } type)
        {
            parameters.AddParameter("event_type", type);
            where += $" AND {EventColumns.EventType} = {{event_type:String}}";
        }

        return ($$"""
            SELECT {{EventColumns.EventId}}, {{EventColumns.EventType}}, {{EventColumns.UserId}}, {{EventColumns.OccurredAt}},
                {{EventColumns.ReceivedAt}}, {{EventColumns.RequestId}}, {{EventColumns.Payload}}
            FROM events
            WHERE {{where}}
            ORDER BY {{EventColumns.ReceivedAt}} DESC, {{EventColumns.EventId}}
            LIMIT 1 BY {{EventColumns.EventId}}
            LIMIT {limit:UInt32}
            """, parameters);
    }

    private static StoredEvent Read(ClickHouseDataReader row) => new(
        row.GetGuid(0), row.GetString(1), row.GetString(2), Utc(row, 3), Utc(row, 4), row.GetGuid(5), row.GetString(6));

    private static DateTime Utc(ClickHouseDataReader row, int column) => DateTime.SpecifyKind(row.GetDateTime(column), DateTimeKind.Utc);
}

using System.Text.Json.Serialization;
using ClickHouse.Driver.ADO.Parameters;
using ClickHouse.Driver.ADO.Readers;
using SegOps.Contracts;
using SegOps.InternalApi;
using SegOps.Monitoring.Events;
using SegOps.ServiceDefaults.Http;
using SegOps.Warehouse;

namespace SegOps.Monitoring.Users;

/// <summary>
/// <c>GET /api/monitoring/users/{user_id}?limit=</c>, and <c>GET /api/monitoring/user?user_id=&amp;limit=</c> for ids that cannot be in a path.
/// </summary>
internal static class UserEndpoint
{
    private const int DefaultLimit = 20;
    private const string NotFound = "No event of this user is stored in the project and environment of the key. Events of test keys are kept for 7 days.";

    internal static void MapUser(this RouteGroupBuilder api)
    {
        api.MapGet("/users/{user_id}", (string user_id, Caller caller, HttpContext context, WarehouseReader warehouse, TimeProvider clock) =>
            AnswerAsync(user_id, caller, context, warehouse, clock));
        api.MapGet("/user", (Caller caller, HttpContext context, WarehouseReader warehouse, TimeProvider clock) =>
            AnswerAsync(QueryParameters.Optional(context.Request.Query, EventColumns.UserId), caller, context, warehouse, clock));
    }

    private static async Task<IResult> AnswerAsync(string? userId, Caller caller, HttpContext context, WarehouseReader warehouse, TimeProvider clock)
    {
        var filter = new EventsFilter(
            QueryParameters.Required(userId, EventColumns.UserId, EventLimits.MaxUserIdLength), null,
            QueryParameters.Number(context.Request.Query, "limit", 1, EventsEndpoint.MaxLimit, DefaultLimit));
        if (await UserQuery.SeenAsync(warehouse, caller, filter.UserId!, context.RequestAborted) is not { } seen)
        {
            await Problems.WriteAsync(context, ErrorCodes.UserNotFound, NotFound);
            return Results.Empty;
        }

        var traits = UserQuery.TraitsAsync(warehouse, caller, filter.UserId!, context.RequestAborted);
        var events = EventsQuery.RunAsync(warehouse, clock, caller, filter, context.RequestAborted);
        await Task.WhenAll(traits, events);
        return Results.Json(new UserAnswer(filter.UserId!, seen.First, seen.Last, await traits, await events));
    }
}

/// <summary>Reads what is known of one user. A filter in each table finds the user's rows.</summary>
internal static class UserQuery
{
    /// <summary>Maximum traits of an answer, which bounds its size.</summary>
    internal const int MaxTraits = 1000;

    private const string OfUser = $$"""{{QueryValues.OfProject}} AND {{EventColumns.UserId}} = {user_id:String}""";

    /// <summary>As for traits, a time never counts as later than its receipt.</summary>
    private const string Seen = $$"""
        SELECT count(), min(least({{EventColumns.OccurredAt}}, {{EventColumns.ReceivedAt}})), max(least({{EventColumns.OccurredAt}}, {{EventColumns.ReceivedAt}}))
        FROM events
        WHERE {{OfUser}}
        """;

    private static readonly string Traits = $$"""
        SELECT trait, value, set_at, received_at, event_id
        FROM latest_traits
        WHERE {{OfUser}}
        ORDER BY trait
        LIMIT {{MaxTraits}}
        """;

    /// <summary>The times of the user's first and last event; null if there is none.</summary>
    internal static async Task<(DateTime First, DateTime Last)?> SeenAsync(
        WarehouseReader warehouse, Caller caller, string userId, CancellationToken cancellationToken)
    {
        var rows = await warehouse.ReadAsync(
            Seen, Parameters(caller, userId), 1, static row => (Events: row.Number(0), First: row.Utc(1), Last: row.Utc(2)), cancellationToken);
        return rows[0].Events == 0 ? null : (rows[0].First, rows[0].Last);
    }

    /// <summary>The user's traits by name.</summary>
    internal static Task<List<UserTrait>> TraitsAsync(WarehouseReader warehouse, Caller caller, string userId, CancellationToken cancellationToken) =>
        warehouse.ReadAsync(Traits, Parameters(caller, userId), MaxTraits, Read, cancellationToken);

    private static UserTrait Read(ClickHouseDataReader row) => new(row.GetString(0), row.GetString(1), row.Utc(2), row.Utc(3), row.GetGuid(4));

    private static ClickHouseParameterCollection Parameters(Caller caller, string userId) =>
        QueryValues.Project(caller.ProjectId, caller.Environment).With(EventColumns.UserId, userId);
}

/// <summary>What is known of one user; times are UTC.</summary>
/// <param name="UserId">The user.</param>
/// <param name="FirstSeen">When the first event occurred, or was received if that is earlier.</param>
/// <param name="LastSeen">The same of the last event.</param>
/// <param name="Traits">The traits that are set, by name.</param>
/// <param name="Events">The newest events, newest first.</param>
internal sealed record UserAnswer(string UserId, DateTime FirstSeen, DateTime LastSeen, IReadOnlyList<UserTrait> Traits, IReadOnlyList<StoredEvent> Events);

/// <summary>A trait and the event that set it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value, as JSON text.</param>
/// <param name="SetAt">When it was set: the earliest <c>occurred_at</c> or time of receipt of the event.</param>
/// <param name="ReceivedAt">When the event was first received.</param>
/// <param name="EventId">The event.</param>
internal sealed record UserTrait(
    string Name, [property: JsonConverter(typeof(RawJsonConverter))] string Value, DateTime SetAt, DateTime ReceivedAt, Guid EventId);

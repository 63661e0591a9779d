using System.Text;
using System.Text.Json;
using SegOps.Contracts;
using SegOps.InternalApi;
using SegOps.Segments.Membership;
using SegOps.Segments.Rules;
using SegOps.Segments.Store;

namespace SegOps.Segments.Api;

/// <summary>
/// <c>GET /api/segments/{id}/users/{user_id}?as_of=&amp;after_event=</c>, <c>GET /api/segments/{id}/user?user_id=</c> for ids that cannot be in a path, and
/// <c>POST /api/segments/explain</c> for a rule that is not saved: whether and why a rule matches a user.
/// </summary>
internal static class CheckEndpoints
{
    private const string AsOf = "as_of", AfterEvent = "after_event";

    /// <summary>Maps the endpoints.</summary>
    internal static void MapChecks(this RouteGroupBuilder api)
    {
        api.MapPost("/explain", async (Caller caller, HttpContext context, SegmentStore store, UserCheck check) =>
        {
            var body = await SegmentBody.ReadAsync(context, "rule", EventColumns.UserId, AsOf, AfterEvent);
            var rule = ResolvedRules.Read(body.Rule);
            var moment = CheckedMoment.Read(body.Text(EventColumns.UserId), body.Text(AsOf), body.Text(AfterEvent));
            var set = await store.ReadAsync(caller.ProjectId, caller.Environment, context.RequestAborted);
            return Results.Json(await check.RunAsync(caller, ResolvedRules.Resolve(set, rule, null), moment, context.RequestAborted));
        });
        api.MapGet("/{id}/users/{user_id}", (string id, string user_id, Caller caller, HttpContext context, SegmentStore store, UserCheck check, MemberReader members) =>
            AnswerAsync(id, user_id, caller, context, store, check, members));
        api.MapGet("/{id}/user", (string id, Caller caller, HttpContext context, SegmentStore store, UserCheck check, MemberReader members) =>
            AnswerAsync(id, QueryParameters.Optional(context.Request.Query, EventColumns.UserId), caller, context, store, check, members));
    }

    private static async Task<IResult> AnswerAsync(
        string id, string? userId, Caller caller, HttpContext context, SegmentStore store, UserCheck check, MemberReader members)
    {
        var query = context.Request.Query;
        var moment = CheckedMoment.Read(userId, QueryParameters.Optional(query, AsOf), QueryParameters.Optional(query, AfterEvent));
        var set = await store.ReadAsync(caller.ProjectId, caller.Environment, context.RequestAborted);
        var segment = set.Find(id);
        var rule = ResolvedRules.Resolve(set, ResolvedRules.Read(JsonElement.Parse(segment.RuleJson)), segment.Id);
        var explanation = await check.RunAsync(caller, rule, moment, context.RequestAborted);
        var since = await members.SinceAsync(new Place(caller.ProjectId, caller.Environment), segment.Id, moment.UserId, context.RequestAborted);
        return Results.Json(explanation with { Member = new(since is not null, since?.UtcDateTime) });
    }
}

/// <summary>A user, and the time for which a rule is evaluated.</summary>
/// <param name="UserId">The user.</param>
/// <param name="AsOf">The time; null for now.</param>
/// <param name="AfterEvent">The event for which to wait; null for none.</param>
internal sealed record CheckedMoment(string UserId, DateTimeOffset? AsOf, Guid? AfterEvent)
{
    /// <summary>Reads the parameters of a request.</summary>
    /// <exception cref="InvalidParameterException">One is invalid.</exception>
    internal static CheckedMoment Read(string? userId, string? asOf, string? afterEvent)
    {
        var user = QueryParameters.Required(userId, EventColumns.UserId, EventLimits.MaxUserIdLength);
        Guid? id = afterEvent is null ? null
            : Guid.TryParseExact(afterEvent, "D", out var parsed) ? parsed
            : throw new InvalidParameterException("after_event takes the id of an event.");
        return new(user, asOf is null ? null : Time(asOf), id);
    }

    private static DateTimeOffset Time(string text) =>
        text.Length <= TimestampParser.MaxLength && TimestampParser.TryParse(Encoding.UTF8.GetBytes(text), out var ticks)
            && ticks >= EventLimits.Earliest.Ticks && ticks < RuleLimits.Latest.Ticks
            ? new DateTimeOffset(ticks, TimeSpan.Zero)
            : throw new InvalidParameterException("as_of takes a time from 2000 on, such as 2026-01-02T03:04:05Z.");
}

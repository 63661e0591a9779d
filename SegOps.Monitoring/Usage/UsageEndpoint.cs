using SegOps.Contracts;
using SegOps.InternalApi;
using SegOps.Monitoring.Rollups;
using SegOps.ServiceDefaults.Redis;
using SegOps.Warehouse;
using StackExchange.Redis;

namespace SegOps.Monitoring.Usage;

/// <summary><c>GET /api/monitoring/usage</c></summary>
internal static class UsageEndpoint
{
    internal static void MapUsage(this RouteGroupBuilder api) => api.MapGet("/usage", async (
        Caller caller, HttpRequest request, PlanUsage usage, CancellationToken cancellationToken) =>
        Results.Json(await usage.ReadAsync(caller, request.Headers, cancellationToken)));
}

/// <summary>Reads a project's usage from Redis, and computes a forecast from the warehouse.</summary>
internal sealed class PlanUsage(RedisConnection redis, WarehouseReader warehouse, TimeProvider clock)
{
    private const int Days = 7;
    private const int WindowSeconds = 60;
    private static readonly string Script =
        UsageScripts.Month + UsageScripts.Calls + RedisExtensions.ReadScript(typeof(PlanUsage), "usage.lua");

    private static readonly string LastDays = $$"""
        SELECT sum(events), toUnixTimestamp(minIf(quarter, events > 0))
        FROM ({{AccountsSql.Buckets(QueryValues.OfProject, "fromUnixTimestamp({from:Int64})", "fromUnixTimestamp({to:Int64})")}})
        """;

    /// <summary>Reads the usage, with the limits of the gateway's headers.</summary>
    /// <exception cref="RedisUnavailableException">Redis did not answer in time.</exception>
    internal async Task<UsageAnswer> ReadAsync(Caller caller, IHeaderDictionary headers, CancellationToken cancellationToken)
    {
        var reply = (RedisResult[])(await redis.AskAsync(
            database => database.ScriptEvaluateAsync(
                Script, [RedisKeys.Calls(caller.ProjectId, caller.Environment), RedisKeys.Usage(caller.ProjectId)]),
            redis.NewLookupDeadline(),
            cancellationToken))!;
        var limit = headers.Figure(InternalHeaders.CallsPerMinute) ?? 0;
        var calls = new CallUsage(WindowSeconds, limit, (long)reply[0], long.Max(0, limit - (long)reply[0]));
        var events = caller.Environment == Contracts.Environments.Live
            ? await EventsAsync(caller, (long)reply[1], (string)reply[2]!, DateTimeOffset.FromUnixTimeSeconds((long)reply[3]), headers, cancellationToken)
            : null;
        return new UsageAnswer(headers[InternalHeaders.Plan].ToString(), caller.Environment, calls, events);
    }

    private async Task<EventUsage> EventsAsync(
        Caller caller, long used, string month, DateTimeOffset ends, IHeaderDictionary headers, CancellationToken cancellationToken)
    {
        var limit = headers.Figure(InternalHeaders.EventsPerMonth);
        return new EventUsage(
            month, limit, used, limit is { } most ? long.Max(0, most - used) : null, ends, await ForecastAsync(caller, used, limit, ends, cancellationToken));
    }

    private async Task<Forecast?> ForecastAsync(Caller caller, long used, long? limit, DateTimeOffset monthEnds, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        try
        {
            var parameters = QueryValues.Project(caller.ProjectId, caller.Environment, now.UtcDateTime.AddDays(-Days), now.UtcDateTime);
            var counted = (await warehouse.ReadAsync(
                LastDays, parameters, 1, static row => (Events: row.Number(0), First: DateTimeOffset.FromUnixTimeSeconds(row.Number(1))), cancellationToken))[0];
            return Forecast.Of(counted.Events, counted.Events == 0 ? TimeSpan.FromDays(Days) : now - counted.First, used, limit, now, monthEnds);
        }
        catch (WarehouseUnavailableException)
        {
            return null; // The usage is known without the forecast.
        }
    }
}

/// <summary>A project's usage of its plan.</summary>
/// <param name="Plan">The plan's name.</param>
/// <param name="Environment">The environment of the counted calls.</param>
/// <param name="Calls">Calls of the last minute.</param>
/// <param name="Events">Live events of the month; absent for test keys, whose events do not count.</param>
internal sealed record UsageAnswer(string Plan, string Environment, CallUsage Calls, EventUsage? Events);

/// <summary>Calls within the last <paramref name="WindowSeconds"/>.</summary>
internal sealed record CallUsage(int WindowSeconds, long Limit, long Used, long Remaining);

/// <summary>Events of a calendar month in UTC.</summary>
/// <param name="Month">The month, as <c>yyyy-MM</c>.</param>
/// <param name="Limit">The plan's quota; absent if unlimited.</param>
/// <param name="Used">Accepted so far.</param>
/// <param name="Remaining">The rest of the quota; absent if unlimited.</param>
/// <param name="ResetsAt">The start of the next month.</param>
/// <param name="Forecast">The forecast; absent if the warehouse is unavailable.</param>
internal sealed record EventUsage(string Month, long? Limit, long Used, long? Remaining, DateTimeOffset ResetsAt, Forecast? Forecast);

/// <summary>The forecast for the month from the rate of the last days.</summary>
/// <param name="EventsPerDay">The average of the last 7 days, or of the time since the first event, but of at least a day.</param>
/// <param name="EndOfMonth">Events by the end of the month.</param>
/// <param name="RunsOutAt">The time at which the quota is used up; absent if it suffices for the month.</param>
internal sealed record Forecast(double EventsPerDay, long EndOfMonth, DateTimeOffset? RunsOutAt)
{
    /// <summary>Extrapolates the events counted within <paramref name="span"/>.</summary>
    internal static Forecast Of(long counted, TimeSpan span, long used, long? limit, DateTimeOffset now, DateTimeOffset monthEnds)
    {
        var perDay = counted / Math.Max(1, span.TotalDays);
        var endOfMonth = used + perDay * (monthEnds - now).TotalDays;
        DateTimeOffset? runsOutAt = limit is { } most && endOfMonth > most ? now + TimeSpan.FromDays(Math.Max(0, most - used) / perDay) : null;
        return new(Math.Round(perDay, 1), (long)endOfMonth, runsOutAt);
    }
}

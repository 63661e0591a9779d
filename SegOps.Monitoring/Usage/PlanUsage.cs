using SegOps.Contracts;
using SegOps.ServiceDefaults.InternalCalls;
using SegOps.ServiceDefaults.Redis;
using SegOps.Warehouse;
using StackExchange.Redis;

namespace SegOps.Monitoring.Usage;

/// <summary>Reads what a project has used from Redis, where it is counted, and how it will go on from the warehouse.</summary>
internal sealed class PlanUsage(RedisConnection redis, WarehouseReader warehouse, TimeProvider clock)
{
    private const int Days = 7;
    private const int WindowSeconds = 60;
    private static readonly string Script =
        RedisExtensions.MonthScript + RedisExtensions.CallsScript + RedisExtensions.ReadScript(typeof(PlanUsage), "usage.lua");

    private const string LastDays = $$"""
        SELECT sum(events), toUnixTimestamp(min(quarter))
        FROM volume_by_quarter FINAL
        WHERE {{QueryValues.OfProject}} AND events > 0 AND quarter >= fromUnixTimestamp({from:Int64}) AND quarter < fromUnixTimestamp({to:Int64})
        """;

    /// <summary>Reads it, with the limits that the gateway's headers give.</summary>
    /// <exception cref="RedisUnavailableException">Redis did not answer in time.</exception>
    internal async Task<UsageAnswer> ReadAsync(Caller caller, IHeaderDictionary headers, CancellationToken cancellationToken)
    {
        var reply = (RedisResult[])(await redis.AskAsync(
            database => database.ScriptEvaluateAsync(
                Script, [RedisKeys.Calls(caller.ProjectId, caller.Environment), RedisKeys.Usage(caller.ProjectId)]),
            headers.RedisBudget(redis),
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
            return null; // What is used is known all the same.
        }
    }
}

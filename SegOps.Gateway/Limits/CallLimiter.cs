using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using SegOps.Contracts;
using SegOps.Gateway.Keys;
using SegOps.Gateway.Telemetry;
using SegOps.InternalApi;
using SegOps.ServiceDefaults.Redis;
using StackExchange.Redis;

namespace SegOps.Gateway.Limits;

/// <summary>
/// Counts a project's calls in Redis, exactly, by Redis's clock and for all gateways. While Redis is unavailable, each gateway counts
/// in memory and allows the whole limit.
/// </summary>
internal sealed class CallLimiter(RedisConnection redis, TimeProvider clock, IOptions<LimitOptions> options) : IDisposable
{
    private static readonly string Script = UsageScripts.Month + UsageScripts.Calls
        + RedisExtensions.ReadScript(typeof(CallLimiter), "take_call.lua")
        + RedisExtensions.ReadScript(typeof(CallLimiter), "limits.lua");

    // A window that was idle for longer than its length is empty.
    private static readonly MemoryCacheEntryOptions OneEach = new() { Size = 1, SlidingExpiration = TimeSpan.FromMinutes(2) };
    private readonly MemoryCache _windows = new(new MemoryCacheOptions { SizeLimit = options.Value.LocalWindows });

    /// <summary>Counts one call of <paramref name="grant"/> in <paramref name="bucket"/>, one of <see cref="CallBuckets"/>.</summary>
    internal async ValueTask<CallDecision> TakeAsync(KeyGrant grant, string bucket, RedisDeadline deadline, CancellationToken cancellationToken)
    {
        var monitoring = bucket == CallBuckets.Monitoring;
        var window = monitoring ? "monitoring" : "minute";
        var limit = monitoring ? options.Value.MonitoringCallsPerMinute : grant.Limits.CallsPerMinute;
        var events = grant.Environment == Contracts.Environments.Live ? grant.Limits.EventsPerMonth : null;
        RedisKey calls = RedisKeys.Calls(grant.ProjectId, bucket);
        var local = Local(calls!);
        try
        {
            RedisKey usage = RedisKeys.Usage(grant.ProjectId);
            var reply = (long[])(await redis.AskAsync(database => database.ScriptEvaluateAsync(Script, [calls, usage], [limit]), deadline, cancellationToken))!;
            var decision = new CallDecision
            {
                Window = window,
                Limit = limit,
                Allowed = reply[0] == 1,
                Left = (int)reply[1],
                Wait = TimeSpan.FromMicroseconds(reply[2]),
                Source = GatewayTelemetry.Redis,
                EventsPerMonth = events,
                MonthUsed = reply[3],
                MonthLength = TimeSpan.FromSeconds(reply[4]),
                UntilReset = TimeSpan.FromSeconds(reply[5]),
            };
            local.Note(decision);
            return decision;
        }
        catch (RedisUnavailableException)
        {
            return local.Take(window, limit, events);
        }
    }

    /// <summary>Forgets all windows.</summary>
    public void Dispose() => _windows.Dispose();

    private LocalWindow Local(string calls)
    {
        if (_windows.TryGetValue(calls, out LocalWindow? window))
            return window!;
        lock (_windows) // Otherwise two requests could create two windows.
            return _windows.Get<LocalWindow>(calls) ?? _windows.Set(calls, new LocalWindow(clock), OneEach);
    }
}

/// <summary>A sliding window in memory of the calls that this gateway allowed, and the last known figure of the month.</summary>
internal sealed class LocalWindow(TimeProvider clock)
{
    private static readonly TimeSpan Length = TimeSpan.FromMinutes(1);
    private readonly Queue<long> _calls = new();
    private readonly Lock _gate = new();
    private DateTime _month;
    private long _monthUsed;

    /// <summary>Records a decision of Redis, from which this window can continue.</summary>
    internal void Note(CallDecision decision)
    {
        lock (_gate)
        {
            Slide();
            if (decision.Allowed)
                _calls.Enqueue(clock.GetTimestamp());
            _month = ThisMonth();
            _monthUsed = decision.MonthUsed;
        }
    }

    /// <summary>Decides while Redis is unavailable.</summary>
    internal CallDecision Take(string window, int limit, long? eventsPerMonth)
    {
        lock (_gate)
        {
            Slide();
            var allowed = _calls.Count < limit;
            if (allowed)
                _calls.Enqueue(clock.GetTimestamp());
            var next = allowed ? _calls.Peek() : _calls.ElementAt(_calls.Count - limit);
            var month = ThisMonth();
            var following = month.AddMonths(1);
            return new CallDecision
            {
                Window = window,
                Limit = limit,
                Allowed = allowed,
                Left = int.Max(0, limit - _calls.Count),
                Wait = Length - clock.GetElapsedTime(next),
                Source = GatewayTelemetry.Local,
                EventsPerMonth = eventsPerMonth,
                MonthUsed = month == _month ? _monthUsed : 0,
                MonthLength = following - month,
                UntilReset = following - clock.GetUtcNow().UtcDateTime,
            };
        }
    }

    private void Slide()
    {
        while (_calls.TryPeek(out var oldest) && clock.GetElapsedTime(oldest) >= Length)
            _calls.Dequeue();
    }

    private DateTime ThisMonth()
    {
        var now = clock.GetUtcNow();
        return new DateTime(now.Year, now.Month, 1, 0, 0, 0, DateTimeKind.Utc);
    }
}

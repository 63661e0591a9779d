using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using SegOps.Contracts;
using SegOps.Gateway.Keys;
using SegOps.InternalApi;
using SegOps.ServiceDefaults.Redis;
using StackExchange.Redis;

namespace SegOps.Gateway.Limits;

/// <summary>
/// Counts a project's calls: in Redis, where all gateways count together, exactly and by one clock. While Redis is away a window in memory
/// stands in, which is an approximation: each gateway then allows the whole limit.
/// </summary>
internal sealed class CallLimiter(RedisConnection redis, TimeProvider clock, IOptions<LimitOptions> options) : IDisposable
{
    private static readonly string Script = UsageScripts.Month + UsageScripts.Calls
        + RedisExtensions.ReadScript(typeof(CallLimiter), "take_call.lua")
        + RedisExtensions.ReadScript(typeof(CallLimiter), "limits.lua");

    // A window that has been idle for longer than it is long says nothing.
    private static readonly MemoryCacheEntryOptions OneEach = new() { Size = 1, SlidingExpiration = TimeSpan.FromMinutes(2) };
    private readonly MemoryCache _windows = new(new MemoryCacheOptions { SizeLimit = options.Value.LocalWindows });

    /// <summary>Counts one call of <paramref name="grant"/> in <paramref name="bucket"/>, one of <see cref="CallBuckets"/>.</summary>
    internal async ValueTask<CallDecision> TakeAsync(KeyGrant grant, string bucket, RedisDeadline budget, CancellationToken cancellationToken)
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
            var reply = (long[])(await redis.AskAsync(database => database.ScriptEvaluateAsync(Script, [calls, usage], [limit]), budget, cancellationToken))!;
            var decision = new CallDecision
            {
                Window = window,
                Limit = limit,
                Allowed = reply[0] == 1,
                Left = (int)reply[1],
                Wait = TimeSpan.FromMicroseconds(reply[2]),
                Source = LimitMetrics.Redis,
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

    /// <summary>Forgets everything.</summary>
    public void Dispose() => _windows.Dispose();

    private LocalWindow Local(string calls)
    {
        if (_windows.TryGetValue(calls, out LocalWindow? window))
            return window!;
        lock (_windows) // or two requests would count in two windows
            return _windows.Get<LocalWindow>(calls) ?? _windows.Set(calls, new LocalWindow(clock), OneEach);
    }
}

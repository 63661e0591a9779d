using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using SegOps.Gateway.Telemetry;
using SegOps.InternalApi;
using SegOps.ServiceDefaults.Redis;
using StackExchange.Redis;

namespace SegOps.Gateway.Limits;

/// <summary>
/// Counts calls in Redis, exactly, by Redis's clock and for all gateways. While Redis is unavailable, each gateway counts in memory and
/// allows the whole limit.
/// </summary>
internal sealed class CallLimiter(RedisConnection redis, TimeProvider clock, IOptions<LimitOptions> options) : IDisposable
{
    private static readonly string Script = UsageScripts.Month + UsageScripts.Calls
        + RedisExtensions.ReadScript(typeof(CallLimiter), "take_call.lua")
        + RedisExtensions.ReadScript(typeof(CallLimiter), "limits.lua");

    // A window that was idle for longer than its length is empty.
    private static readonly MemoryCacheEntryOptions OneEach = new() { Size = 1, SlidingExpiration = TimeSpan.FromMinutes(2) };
    private readonly MemoryCache _windows = new(new MemoryCacheOptions { SizeLimit = options.Value.LocalWindows });

    // Apart from the others, so that many addresses evict no project's window. It fills only while Redis is unavailable.
    private readonly MemoryCache _addresses = new(new MemoryCacheOptions { SizeLimit = options.Value.LocalWindows });

    /// <summary>Decides on a call with these limits. It is counted if it is allowed and <paramref name="counts"/>.</summary>
    internal async ValueTask<CallDecision> TakeAsync(CallWindows windows, bool counts, RedisDeadline deadline, CancellationToken cancellationToken)
    {
        var local = Local(_windows, windows.Widest.Key);
        RedisKey[] keys = windows.Ceiling is { } ceiling
            ? [windows.UsageKey, ceiling.Key, windows.Narrowest.Key]
            : [windows.UsageKey, windows.Narrowest.Key];
        RedisValue[] limits = windows.Ceiling is { Limit: var most }
            ? [counts, most, windows.Narrowest.Limit, windows.IsDaily ? "day" : "month"]
            : [counts, windows.Narrowest.Limit, windows.IsDaily ? "day" : "month"];
        try
        {
            var reply = (long[])(await redis.AskAsync(database => database.ScriptEvaluateAsync(Script, keys, limits), deadline, cancellationToken))!;
            var decision = new CallDecision
            {
                Windows = windows,
                Window = reply[3] == 1 ? windows.Widest : windows.Narrowest,
                Allowed = reply[0] == 1,
                Left = (int)reply[1],
                Wait = TimeSpan.FromMicroseconds(reply[2]),
                Source = GatewayTelemetry.Redis,
                QuotaUsed = reply[4],
                PeriodLength = TimeSpan.FromSeconds(reply[5]),
                UntilReset = TimeSpan.FromSeconds(reply[6]),
            };
            local.Note(decision, counts);
            return decision;
        }
        catch (RedisUnavailableException)
        {
            return local.Take(windows, counts, windows.Ceiling is null ? null : () => Local(_addresses, windows.Narrowest.Key));
        }
    }

    /// <summary>Forgets all windows.</summary>
    public void Dispose()
    {
        _windows.Dispose();
        _addresses.Dispose();
    }

    private LocalWindow Local(MemoryCache windows, string key)
    {
        if (windows.TryGetValue(key, out LocalWindow? window))
            return window!;
        lock (windows) // Otherwise two requests could create two windows.
            return windows.Get<LocalWindow>(key) ?? windows.Set(key, new LocalWindow(clock), OneEach);
    }
}

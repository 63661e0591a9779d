using System.Net;
using SegOps.Contracts;
using SegOps.Gateway.Keys;
using SegOps.Gateway.Plans;

namespace SegOps.Gateway.Limits;

/// <summary>A window of 60 s that counts calls.</summary>
/// <param name="Name">Its name in RateLimit headers.</param>
/// <param name="Limit">The calls that it allows.</param>
/// <param name="Key">Its key in Redis.</param>
internal readonly record struct CallWindow(string Name, int Limit, string Key);

/// <summary>The limits of a call.</summary>
/// <param name="Narrowest">The window of the project or, for a publishable key, of the client's address.</param>
/// <param name="Ceiling">The window of all calls of a publishable key; null for a secret key.</param>
/// <param name="UsageKey">The key of the project's months in Redis or, for a test key, of its day.</param>
/// <param name="Quota">The events that may be sent in the month or, with a test key, in the day; null if unlimited.</param>
/// <param name="IsDaily">Whether the quota is that of test events of a day (UTC).</param>
internal sealed record CallWindows(CallWindow Narrowest, CallWindow? Ceiling, string UsageKey, long? Quota, bool IsDaily = false)
{
    /// <summary>The widest window.</summary>
    internal CallWindow Widest => Ceiling ?? Narrowest;

    /// <summary>The limits of a call with <paramref name="grant"/>.</summary>
    /// <param name="grant">The key's grant.</param>
    /// <param name="sendsEvents">Whether the call counts as ingestion. Else it counts as monitoring.</param>
    /// <param name="client">The address of the client, in the form in which limits count it.</param>
    /// <param name="options">The limits that do not depend on the plan.</param>
    internal static CallWindows Of(KeyGrant grant, bool sendsEvents, IPAddress client, LimitOptions options)
    {
        var isDaily = grant.Environment != Contracts.Environments.Live;
        var events = isDaily ? options.TestEventsPerDay : grant.Limits.EventsPerMonth;
        var usage = isDaily ? RedisKeys.TestUsage(grant.ProjectId) : RedisKeys.Usage(grant.ProjectId);
        if (grant.Publishable is { } key)
        {
            var ceiling = long.Min((long)options.PublishableCeilingFactor * grant.Limits.CallsPerMinute, PlanOptions.MostCallsPerMinute);
            return new(
                new("address", key.CallsPerMinutePerAddress ?? options.PublishableCallsPerMinutePerAddress, RedisKeys.AddressCalls(grant.ProjectId, key.Hash, client)),
                new CallWindow("key", (int)ceiling, RedisKeys.KeyCalls(grant.ProjectId, key.Hash)),
                usage,
                events,
                isDaily);
        }
        return sendsEvents
            ? new(new("minute", grant.Limits.CallsPerMinute, RedisKeys.Calls(grant.ProjectId, grant.Environment)), null, usage, events, isDaily)
            : new(new("monitoring", options.MonitoringCallsPerMinute, RedisKeys.Calls(grant.ProjectId, CallBuckets.Monitoring)), null, usage, events, isDaily);
    }
}

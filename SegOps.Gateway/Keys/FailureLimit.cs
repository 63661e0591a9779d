using System.Net;
using Microsoft.Extensions.Options;
using SegOps.Gateway.Http;
using SegOps.Gateway.Limits;

namespace SegOps.Gateway.Keys;

/// <summary>
/// Slows down addresses from which too many authentications fail, without locking out who shares them: keys that memory holds are none of
/// its concern, and of the others one a second is still looked up. Counts in memory, each gateway for itself.
/// </summary>
internal sealed class FailureLimit(AddressLimit addresses, IOptions<KeyStoreOptions> options, TimeProvider clock)
{
    private const string Name = "failures";
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LookupInterval = TimeSpan.FromSeconds(1);
    private readonly AttemptLog<IPAddress> _failures = new(options.Value.FailuresPerMinute, clock, Window);
    private readonly AttemptLog<IPAddress> _lookups = new(1, clock, LookupInterval);

    /// <summary>Asks whether a key that memory does not hold may be looked up for the caller; null when it may.</summary>
    internal FailureCount? RefuseLookup(ConnectionInfo caller)
    {
        if (addresses.CountedAddress(caller.RemoteIpAddress) is not { } address
            || _failures.Wait(address) is not { } untilMore
            || _lookups.Add(address) is not { } untilLookup)
            return null;
        return new(0, untilMore, untilLookup);
    }

    /// <summary>Counts a failed authentication; null when nobody counts those of the caller, a trusted proxy.</summary>
    internal FailureCount? Count(ConnectionInfo caller)
    {
        if (addresses.CountedAddress(caller.RemoteIpAddress) is not { } address)
            return null;
        if (_failures.Add(address) is { } wait)
            return new(0, wait, wait);
        var (left, untilMore) = _failures.Left(address);
        return new(left, untilMore, null);
    }

    /// <summary>Says in an answer's headers what is left.</summary>
    internal void WriteHeaders(IHeaderDictionary headers, FailureCount count)
    {
        headers[RateLimitHeaders.Policy] = RateLimitHeaders.PolicyOf(Name, options.Value.FailuresPerMinute, (long)Window.TotalSeconds);
        headers[RateLimitHeaders.Limit] = RateLimitHeaders.LimitOf(Name, count.Left, count.UntilMore);
    }
}

/// <summary>An address's failed authentications.</summary>
/// <param name="Left">How many more are answered with what is wrong.</param>
/// <param name="UntilMore">How long until there are more of them.</param>
/// <param name="RetryAfter">Not null when there are too many: how long until another attempt is looked at.</param>
internal readonly record struct FailureCount(int Left, TimeSpan UntilMore, TimeSpan? RetryAfter);

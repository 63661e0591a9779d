using System.Net;
using Microsoft.Extensions.Options;
using SegOps.Gateway.Http;
using SegOps.Gateway.RateLimiting;

namespace SegOps.Gateway.Keys;

/// <summary>
/// Slows down addresses with too many failed authentications. Other clients at the same address are not locked out: keys in memory are not
/// limited, and one unknown key a second is still looked up. Each gateway counts in its own memory.
/// </summary>
internal sealed class AuthenticationFailureLimiter(TrustedProxies proxies, IOptions<KeyStoreOptions> options, TimeProvider clock)
{
    private const string Name = "failures";
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LookupInterval = TimeSpan.FromSeconds(1);
    private readonly SlidingWindowCounter<IPAddress> _failures = new(options.Value.FailuresPerMinute, clock, Window);
    private readonly SlidingWindowCounter<IPAddress> _lookups = new(1, clock, LookupInterval);

    /// <summary>Checks whether a key that is not cached may be looked up; null if so.</summary>
    internal FailureCount? RefuseLookup(ConnectionInfo client)
    {
        if (proxies.CountedAddress(client.RemoteIpAddress) is not { } address
            || _failures.Wait(address) is not { } untilMore
            || _lookups.Add(address) is not { } untilLookup)
            return null;
        return new(0, untilMore, untilLookup);
    }

    /// <summary>Counts a failed authentication; null when the address is a trusted proxy, whose failures are not counted.</summary>
    internal FailureCount? Count(ConnectionInfo client)
    {
        if (proxies.CountedAddress(client.RemoteIpAddress) is not { } address)
            return null;
        if (_failures.Add(address) is { } wait)
            return new(0, wait, wait);

        var (left, untilMore) = _failures.Left(address);
        return new(left, untilMore, null);
    }

    /// <summary>Writes the RateLimit headers of an answer.</summary>
    internal void WriteHeaders(IHeaderDictionary headers, FailureCount count)
    {
        headers[RateLimitHeaders.Policy] = RateLimitHeaders.PolicyOf(Name, options.Value.FailuresPerMinute, (long)Window.TotalSeconds);
        headers[RateLimitHeaders.Limit] = RateLimitHeaders.LimitOf(Name, count.Left, count.UntilMore);
    }
}

/// <summary>The failed authentications of an address.</summary>
/// <param name="Left">Number of further failures that are answered with their cause.</param>
/// <param name="UntilMore">Time until <paramref name="Left"/> grows.</param>
/// <param name="RetryAfter">Time until another attempt is checked; null while there are not too many failures.</param>
internal readonly record struct FailureCount(int Left, TimeSpan UntilMore, TimeSpan? RetryAfter);

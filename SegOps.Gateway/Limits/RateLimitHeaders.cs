using System.Globalization;

namespace SegOps.Gateway.Limits;

/// <summary>
/// The header fields of draft-ietf-httpapi-ratelimit-headers-10: what the limits are (q units in w seconds) and what is left of them
/// (r units, for t seconds). Both are lists of structured fields (RFC 9651).
/// </summary>
internal static class RateLimitHeaders
{
    internal const string Policy = "RateLimit-Policy";
    internal const string Limit = "RateLimit";
    private const string Month = "month";
    private const int WindowSeconds = 60;

    /// <summary>Writes both for <paramref name="decision"/>; the month only where it is limited.</summary>
    internal static void Write(IHeaderDictionary headers, CallDecision decision)
    {
        var policy = PolicyOf(decision.Window, decision.Limit, WindowSeconds);
        var limit = LimitOf(decision.Window, decision.Left, decision.Wait);
        if (decision is { EventsPerMonth: { } events, EventsLeft: { } left })
        {
            policy += ", " + PolicyOf(Month, events, (long)decision.MonthLength.TotalSeconds);
            limit += ", " + LimitOf(Month, left, decision.UntilReset);
        }
        headers[Policy] = policy;
        headers[Limit] = limit;
    }

    /// <summary>One item of RateLimit-Policy.</summary>
    internal static string PolicyOf(string name, long quota, long windowSeconds) =>
        string.Create(CultureInfo.InvariantCulture, $"\"{name}\";q={quota};w={windowSeconds}");

    /// <summary>One item of RateLimit.</summary>
    internal static string LimitOf(string name, long remaining, TimeSpan holdsFor) =>
        string.Create(CultureInfo.InvariantCulture, $"\"{name}\";r={remaining};t={(long)Math.Ceiling(holdsFor.TotalSeconds)}");
}

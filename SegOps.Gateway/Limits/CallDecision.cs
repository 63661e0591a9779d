using SegOps.Gateway.RateLimiting;

namespace SegOps.Gateway.Limits;

/// <summary>Whether a call is allowed, and the rest of the limits. A feature of each counted request.</summary>
internal sealed class CallDecision
{
    private const int WindowSeconds = 60;

    /// <summary>The windows that count the call.</summary>
    internal required CallWindows Windows { get; init; }

    /// <summary>The window that the next three properties concern: the one that refuses, or the narrowest.</summary>
    internal required CallWindow Window { get; init; }

    /// <summary>Whether this call is allowed.</summary>
    internal required bool Allowed { get; init; }

    /// <summary>Number of calls left in the window.</summary>
    internal required int Left { get; init; }

    /// <summary>Allowed: time until the window frees a slot. Refused: Retry-After.</summary>
    internal required TimeSpan Wait { get; init; }

    /// <summary>The store that counted the call, Redis or local: see <see cref="Telemetry.GatewayTelemetry"/>.</summary>
    internal required string Source { get; init; }

    /// <summary>The known live events of the month or, with a test key, test events of the day.</summary>
    internal required long QuotaUsed { get; set; }

    /// <summary>Length of the calendar month or of the day.</summary>
    internal required TimeSpan PeriodLength { get; init; }

    /// <summary>Time until the next month or day begins.</summary>
    internal required TimeSpan UntilReset { get; init; }

    /// <summary>Number of events left in the month or day; null if unlimited.</summary>
    internal long? EventsLeft => Windows.Quota - long.Min(QuotaUsed, Windows.Quota ?? 0);

    /// <summary>
    /// Writes the RateLimit headers: the windows and, if limited, the month or the day. Everybody can use a publishable key, and must not learn how much
    /// the project sends. So the figures of the whole key and of the month are only in answers that these limits refuse.
    /// </summary>
    internal void WriteHeaders(IHeaderDictionary headers)
    {
        var policy = RateLimitHeaders.PolicyOf(Windows.Narrowest.Name, Windows.Narrowest.Limit, WindowSeconds);
        if (Windows.Ceiling is { } ceiling)
            policy += ", " + RateLimitHeaders.PolicyOf(ceiling.Name, ceiling.Limit, WindowSeconds);
        var limit = RateLimitHeaders.LimitOf(Window.Name, Left, Wait);
        if (Windows.Quota is { } events && EventsLeft is { } left)
        {
            var period = Windows.IsDaily ? "day" : "month";
            policy += ", " + RateLimitHeaders.PolicyOf(period, events, (long)PeriodLength.TotalSeconds);
            if (Windows.Ceiling is null || left == 0)
                limit += ", " + RateLimitHeaders.LimitOf(period, left, UntilReset);
        }
        headers[RateLimitHeaders.Policy] = policy;
        headers[RateLimitHeaders.Limit] = limit;
    }
}

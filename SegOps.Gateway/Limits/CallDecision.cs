using SegOps.Gateway.RateLimiting;

namespace SegOps.Gateway.Limits;

/// <summary>Whether a call is allowed, and the rest of the limits. A feature of each counted request.</summary>
internal sealed class CallDecision
{
    private const string Month = "month";
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

    /// <summary>The quota of the month; null if it is unlimited, or if the key's events do not count.</summary>
    internal long? EventsPerMonth => Windows.EventsPerMonth;

    /// <summary>The month's known live events.</summary>
    internal required long MonthUsed { get; set; }

    /// <summary>Length of the calendar month.</summary>
    internal required TimeSpan MonthLength { get; init; }

    /// <summary>Time until the next month begins.</summary>
    internal required TimeSpan UntilReset { get; init; }

    /// <summary>Number of events left in the month; null if unlimited.</summary>
    internal long? EventsLeft => EventsPerMonth - long.Min(MonthUsed, EventsPerMonth ?? 0);

    /// <summary>
    /// Writes the RateLimit headers: the windows and, if limited, the month. Everybody can use a publishable key, and must not learn how much
    /// the project sends. So the figures of the whole key and of the month are only in answers that these limits refuse.
    /// </summary>
    internal void WriteHeaders(IHeaderDictionary headers)
    {
        var policy = RateLimitHeaders.PolicyOf(Windows.Narrowest.Name, Windows.Narrowest.Limit, WindowSeconds);
        if (Windows.Ceiling is { } ceiling)
            policy += ", " + RateLimitHeaders.PolicyOf(ceiling.Name, ceiling.Limit, WindowSeconds);
        var limit = RateLimitHeaders.LimitOf(Window.Name, Left, Wait);
        if (EventsPerMonth is { } events && EventsLeft is { } left)
        {
            policy += ", " + RateLimitHeaders.PolicyOf(Month, events, (long)MonthLength.TotalSeconds);
            if (Windows.Ceiling is null || left == 0)
                limit += ", " + RateLimitHeaders.LimitOf(Month, left, UntilReset);
        }
        headers[RateLimitHeaders.Policy] = policy;
        headers[RateLimitHeaders.Limit] = limit;
    }
}

using SegOps.Gateway.RateLimiting;

namespace SegOps.Gateway.Limits;

/// <summary>Whether a call is allowed, and what is left of the limits. A feature of each request that was counted.</summary>
internal sealed class CallDecision
{
    private const string Month = "month";
    private const int WindowSeconds = 60;

    /// <summary>Name of the window in RateLimit headers.</summary>
    internal required string Window { get; init; }

    /// <summary>Calls that the window allows within 60 s.</summary>
    internal required int Limit { get; init; }

    /// <summary>Whether this call is allowed.</summary>
    internal required bool Allowed { get; init; }

    /// <summary>How many more calls are allowed now.</summary>
    internal required int Left { get; init; }

    /// <summary>Allowed: time until the window frees a slot. Refused: Retry-After.</summary>
    internal required TimeSpan Wait { get; init; }

    /// <summary>Where the call was counted: Redis or local, see <see cref="Telemetry.GatewayTelemetry"/>.</summary>
    internal required string Source { get; init; }

    /// <summary>Events that the month allows; null when there is no limit, or the key's events do not count.</summary>
    internal required long? EventsPerMonth { get; init; }

    /// <summary>The month's live events, as far as known.</summary>
    internal required long MonthUsed { get; set; }

    /// <summary>Length of the calendar month.</summary>
    internal required TimeSpan MonthLength { get; init; }

    /// <summary>Time until the next month begins.</summary>
    internal required TimeSpan UntilReset { get; init; }

    /// <summary>How many more events the month allows; null without a limit.</summary>
    internal long? EventsLeft => EventsPerMonth - long.Min(MonthUsed, EventsPerMonth ?? 0);

    /// <summary>Writes the RateLimit headers: the window, and the month where it is limited.</summary>
    internal void WriteHeaders(IHeaderDictionary headers)
    {
        var policy = RateLimitHeaders.PolicyOf(Window, Limit, WindowSeconds);
        var limit = RateLimitHeaders.LimitOf(Window, Left, Wait);
        if (EventsPerMonth is { } events && EventsLeft is { } left)
        {
            policy += ", " + RateLimitHeaders.PolicyOf(Month, events, (long)MonthLength.TotalSeconds);
            limit += ", " + RateLimitHeaders.LimitOf(Month, left, UntilReset);
        }
        headers[RateLimitHeaders.Policy] = policy;
        headers[RateLimitHeaders.Limit] = limit;
    }
}

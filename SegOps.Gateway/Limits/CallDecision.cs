namespace SegOps.Gateway.Limits;

/// <summary>Whether a call may pass, and what is left: a feature of each request that was counted.</summary>
internal sealed class CallDecision
{
    /// <summary>Name of the window in RateLimit headers.</summary>
    internal required string Window { get; init; }

    /// <summary>Calls that the window takes within 60 s.</summary>
    internal required int Limit { get; init; }

    /// <summary>Whether this call is one of them.</summary>
    internal required bool Allowed { get; init; }

    /// <summary>How many more it takes now.</summary>
    internal required int Left { get; init; }

    /// <summary>Until the oldest call leaves the window; when this one was refused, until one would be let through.</summary>
    internal required TimeSpan Wait { get; init; }

    /// <summary>Who decided: <see cref="LimitMetrics.Redis"/> or <see cref="LimitMetrics.Local"/>.</summary>
    internal required string Source { get; init; }

    /// <summary>Events that the month takes; null when it is without limit, or they do not count.</summary>
    internal required long? EventsPerMonth { get; init; }

    /// <summary>The month's live events, as far as known.</summary>
    internal required long MonthUsed { get; set; }

    /// <summary>From the month's first second to the next one's.</summary>
    internal required TimeSpan MonthLength { get; init; }

    /// <summary>Until the next month begins.</summary>
    internal required TimeSpan UntilReset { get; init; }

    /// <summary>How many more events the month takes; null without a limit.</summary>
    internal long? EventsLeft => EventsPerMonth - long.Min(MonthUsed, EventsPerMonth ?? 0);
}

namespace SegOps.Monitoring.Usage;

/// <summary>How much of its plan a project has used.</summary>
/// <param name="Plan">The plan's name.</param>
/// <param name="Environment">Whose calls are counted: those of live or of test keys.</param>
/// <param name="Calls">Calls of the last minute.</param>
/// <param name="Events">Live events of the month; absent for test keys, which no plan counts.</param>
internal sealed record UsageAnswer(string Plan, string Environment, CallUsage Calls, EventUsage? Events);

/// <summary>Calls within the last <paramref name="WindowSeconds"/>.</summary>
internal sealed record CallUsage(int WindowSeconds, long Limit, long Used, long Remaining);

/// <summary>Events of a calendar month in UTC.</summary>
/// <param name="Month">The month, as <c>yyyy-MM</c>.</param>
/// <param name="Limit">What the plan allows; absent when it is unlimited.</param>
/// <param name="Used">Accepted so far.</param>
/// <param name="Remaining">What is left; absent when it is unlimited.</param>
/// <param name="ResetsAt">When the next month begins.</param>
/// <param name="Forecast">How it will go on; absent when the warehouse does not tell.</param>
internal sealed record EventUsage(string Month, long? Limit, long Used, long? Remaining, DateTimeOffset ResetsAt, Forecast? Forecast);

/// <summary>How a month will go on if events keep coming as they did in the last days.</summary>
/// <param name="EventsPerDay">The average of the last 7 days, or since the first event if that is less, but of at least a day.</param>
/// <param name="EndOfMonth">Events by the end of the month.</param>
/// <param name="RunsOutAt">When the plan's events are used up; absent when they last until the next month.</param>
internal sealed record Forecast(double EventsPerDay, long EndOfMonth, DateTimeOffset? RunsOutAt)
{
    /// <summary>Carries on what was counted within <paramref name="span"/>.</summary>
    internal static Forecast Of(long counted, TimeSpan span, long used, long? limit, DateTimeOffset now, DateTimeOffset monthEnds)
    {
        var perDay = counted / Math.Max(1, span.TotalDays);
        var endOfMonth = used + perDay * (monthEnds - now).TotalDays;
        DateTimeOffset? runsOutAt = limit is { } most && endOfMonth > most ? now + TimeSpan.FromDays(Math.Max(0, most - used) / perDay) : null;
        return new(Math.Round(perDay, 1), (long)endOfMonth, runsOutAt);
    }
}

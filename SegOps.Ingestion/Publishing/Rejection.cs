using System.Diagnostics;
using SegOps.Ingestion.Track;

namespace SegOps.Ingestion.Publishing;

/// <summary>What was refused of one request, or looks like a mistake in it.</summary>
/// <param name="Stamp">The request.</param>
/// <param name="Faults">What was refused.</param>
/// <param name="Samples">The samples of faults, by their places in <paramref name="Faults"/>.</param>
/// <param name="Warnings">What was accepted and looks like a mistake.</param>
/// <param name="Trace">The request's span.</param>
internal sealed record Rejection(
    RequestStamp Stamp,
    IReadOnlyList<EventFault> Faults,
    IReadOnlyDictionary<int, byte[]> Samples,
    IReadOnlyList<WarningTotal> Warnings,
    ActivityContext Trace)
{
    /// <summary>The rejection of a whole request.</summary>
    public static Rejection Of(RequestStamp stamp, TrackRefusal refusal) =>
        new(stamp, [new EventFault(EventFault.OfRequest, "", refusal.Code, refusal.Detail)], EventSamples.None, [], CurrentTrace);

    /// <summary>The faults and warnings of <paramref name="parsed"/>; null when there are none.</summary>
    public static Rejection? Of(ParsedRequest parsed)
    {
        List<WarningTotal> warnings = parsed.Accepted > 0 ? [.. parsed.Warnings.Totals] : [];
        return parsed.Faults.Count + warnings.Count == 0 ? null : new(parsed.Stamp, parsed.Faults, parsed.Samples.OfFaults, warnings, CurrentTrace);
    }

    /// <summary>
    /// The faults of <paramref name="parsed"/>, and once that its valid events were refused for <paramref name="refusal"/>: they are many, and
    /// share the one reason.
    /// </summary>
    public static Rejection Of(ParsedRequest parsed, TrackRefusal refusal) =>
        new(parsed.Stamp, [.. parsed.Faults, new EventFault(EventFault.OfRequest, "", refusal.Code, refusal.Detail)], parsed.Samples.OfFaults, [], CurrentTrace);

    private static ActivityContext CurrentTrace => Activity.Current?.Context ?? default;
}

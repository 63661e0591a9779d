using System.Collections.ObjectModel;
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
    /// <summary>The ids of refused events that have a valid one, by their places.</summary>
    public IReadOnlyDictionary<int, Guid> RefusedIds { get; private init; } = ReadOnlyDictionary<int, Guid>.Empty;

    /// <summary>The ids of the events without a fault of their own that a fault of the request refused.</summary>
    public IReadOnlyList<Guid> ValidIds { get; private init; } = [];

    /// <summary>The rejection of a whole request.</summary>
    public static Rejection Of(RequestStamp stamp, TrackRefusal refusal) => new(stamp, [FaultOf(refusal)], EventSamples.None, [], CurrentTrace);

    /// <summary>The faults and warnings of <paramref name="parsed"/>; null when there are none.</summary>
    public static Rejection? Of(ParsedRequest parsed)
    {
        List<WarningTotal> warnings = parsed.Accepted > 0 ? [.. parsed.Warnings.Totals] : [];
        return parsed.Faults.Count + warnings.Count == 0 ? null : new(parsed.Stamp, parsed.Faults, parsed.Samples.OfFaults, warnings, CurrentTrace)
        {
            RefusedIds = parsed.RefusedIds,
            ValidIds = parsed.Accepted > 0 ? [] : parsed.EventIds,
        };
    }

    /// <summary>
    /// The faults of <paramref name="parsed"/>, and once that its valid events were refused for <paramref name="refusal"/>: they are many, and
    /// share the one reason.
    /// </summary>
    public static Rejection Of(ParsedRequest parsed, TrackRefusal refusal) =>
        new(parsed.Stamp, [.. parsed.Faults, FaultOf(refusal)], parsed.Samples.OfFaults, [], CurrentTrace)
        {
            RefusedIds = parsed.RefusedIds,
            ValidIds = parsed.EventIds,
        };

    /// <summary>The ids of the events that <paramref name="fault"/>, one of <see cref="Faults"/>, refused; those that are known.</summary>
    public IReadOnlyList<Guid> EventIdsOf(EventFault fault) =>
        fault.Index == EventFault.OfRequest ? ValidIds : RefusedIds.TryGetValue(fault.Index, out var id) ? [id] : [];

    private static EventFault FaultOf(TrackRefusal refusal) => new(EventFault.OfRequest, "", refusal.Code, refusal.Detail);

    private static ActivityContext CurrentTrace => Activity.Current?.Context ?? default;
}

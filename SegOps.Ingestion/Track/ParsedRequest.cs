using SegOps.Contracts;

namespace SegOps.Ingestion.Track;

/// <summary>Why a request is refused as a whole.</summary>
/// <param name="Code">One of <see cref="ErrorCodes"/>.</param>
/// <param name="Detail">What is wrong and how to mend it; free of the client's values.</param>
internal sealed record TrackRefusal(string Code, string Detail);

/// <summary>What a request's body turned out to hold. When <see cref="Refusal"/> is set, nothing else counts.</summary>
internal sealed class ParsedRequest : IDisposable
{
    private bool _refused;

    /// <param name="stamp">What the events have in common.</param>
    /// <param name="isBatch">Which endpoint it is.</param>
    /// <param name="bodyLength">Size of the body, in bytes.</param>
    public ParsedRequest(RequestStamp stamp, bool isBatch, int bodyLength)
    {
        Stamp = stamp;
        Rows = new EventRowWriter(stamp, hasSlot: isBatch, capacity: bodyLength + 1024);
        Warnings = new TrackWarnings(Samples);
        Events = new EventReader(stamp, Rows, Warnings, Samples);
    }

    /// <summary>What the events have in common.</summary>
    public RequestStamp Stamp { get; }

    /// <summary>The valid events.</summary>
    public EventRowWriter Rows { get; }

    /// <summary>What looks like a mistake in valid events.</summary>
    public TrackWarnings Warnings { get; }

    /// <summary>Events at fault, masked.</summary>
    public EventSamples Samples { get; } = new();

    /// <summary>Every fault of every refused event.</summary>
    public List<EventFault> Faults => Events.Faults;

    /// <summary>The ids of the valid events, in their order.</summary>
    public List<Guid> EventIds => Events.EventIds;

    /// <summary>How many different events are valid: a batch may name an id twice, which is one event.</summary>
    public int DistinctAccepted => !Events.HasGivenIds || Accepted <= 1 ? Accepted : EventIds.Distinct().Count();

    /// <summary>The ids of those refused events that have a valid one, by their places.</summary>
    public IReadOnlyDictionary<int, Guid> RefusedIds => Events.RefusedIds;

    /// <summary>How many events are valid.</summary>
    public int Accepted => _refused ? 0 : Rows.Count;

    /// <summary>How many events were refused.</summary>
    public int Rejected => Events.Rejected + (_refused ? Rows.Count : 0);

    /// <summary>Why the request is refused as a whole; null when it is not.</summary>
    public TrackRefusal? Refusal { get; set; }

    /// <summary>Reads events into this.</summary>
    public EventReader Events { get; }

    /// <summary>Refuses every event for a fault of the request itself.</summary>
    public void Refuse(EventFault fault)
    {
        _refused = true;
        Faults.Add(fault);
    }

    /// <summary>A request whose body was not even read.</summary>
    public static ParsedRequest Refused(RequestStamp stamp, TrackRefusal refusal) => new(stamp, isBatch: false, bodyLength: 0) { Refusal = refusal };

    /// <inheritdoc/>
    public void Dispose() => Rows.Dispose();
}

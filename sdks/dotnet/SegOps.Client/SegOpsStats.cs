namespace SegOps.Client;

/// <summary>
/// The counters of a client since it was made.
/// <see cref="Tracked"/> = <see cref="Accepted"/> + <see cref="Rejected"/> + <see cref="Dropped"/> + <see cref="Queued"/> +
/// <see cref="InFlight"/>, always.
/// </summary>
public sealed class SegOpsStats
{
    /// <summary>Calls of <see cref="ISegOpsClient.Track"/> and <see cref="ISegOpsClient.Identify"/>.</summary>
    public long Tracked { get; init; }

    /// <summary>Events that the server accepted.</summary>
    public long Accepted { get; init; }

    /// <summary>Events that the server rejected. They are not part of <see cref="Dropped"/>.</summary>
    public long Rejected { get; init; }

    /// <summary>Events that the client dropped, for any reason of <see cref="Drops"/>.</summary>
    public long Dropped { get; init; }

    /// <summary>Events that wait to be sent, or to be sent again.</summary>
    public long Queued { get; init; }

    /// <summary>Events of the request that is under way.</summary>
    public long InFlight { get; init; }

    /// <summary>Bytes of the events that are queued or in flight.</summary>
    public long QueuedBytes { get; init; }

    /// <summary>Dropped events by reason. Reasons without an event are absent.</summary>
    public IReadOnlyDictionary<DropReason, long> Drops { get; init; } = new Dictionary<DropReason, long>();
}

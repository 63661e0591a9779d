namespace SegOps.Client;

/// <summary>What became of the events that were queued when a flush or a shutdown began.</summary>
public sealed class FlushResult
{
    /// <summary>Events that the server accepted.</summary>
    public long Accepted { get; init; }

    /// <summary>Events that the server rejected. Each was reported to <see cref="SegOpsOptions.OnDrop"/>.</summary>
    public long Rejected { get; init; }

    /// <summary>Events that the client dropped. Each was reported to <see cref="SegOpsOptions.OnDrop"/>.</summary>
    public long Dropped { get; init; }

    /// <summary>Events that are still queued, because the time was out. Always 0 after a shutdown.</summary>
    public long Remaining { get; init; }
}

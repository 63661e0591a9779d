namespace SegOps.Client.Queueing;

/// <summary>The counters of a client. Guarded by the queue's lock, so that they always add up.</summary>
internal sealed class Tally
{
    private readonly SortedDictionary<DropReason, long> _drops = [];
    private long _accepted;
    private long _rejected;

    public long Tracked { get; set; }

    public void Count(Fate fate, DropReason reason)
    {
        switch (fate)
        {
            case Fate.Accepted: _accepted++; break;
            case Fate.Rejected: _rejected++; break;
            case Fate.Dropped: _drops[reason] = (_drops.TryGetValue(reason, out var count) ? count : 0) + 1; break;
        }
    }

    public SegOpsStats Read(int inFlight, int held, long bytes) => new()
    {
        Tracked = Tracked,
        Accepted = _accepted,
        Rejected = _rejected,
        Dropped = _drops.Values.Sum(),
        Queued = held - inFlight,
        InFlight = inFlight,
        QueuedBytes = bytes,
        Drops = new Dictionary<DropReason, long>(_drops),
    };
}

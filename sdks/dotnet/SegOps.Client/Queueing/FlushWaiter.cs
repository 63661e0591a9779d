namespace SegOps.Client.Queueing;

/// <summary>How an event left the queue.</summary>
internal enum Fate
{
    Accepted,
    Rejected,
    Dropped,
}

/// <summary>Counts what becomes of the events up to a place in the queue. Guarded by the queue's lock.</summary>
internal sealed class FlushWaiter(long lastSequence, long remaining)
{
    private readonly TaskCompletionSource<bool> _decided = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long[] _fates = new long[3];
    private long _remaining = remaining;

    /// <summary>Ends when the fate of every event is decided.</summary>
    public Task Decided => _decided.Task;

    public void Count(QueuedEvent queued, Fate fate)
    {
        if (queued.Sequence <= lastSequence)
        {
            _fates[(int)fate]++;
            _remaining--;
        }
    }

    public void CompleteIfDecided()
    {
        if (_remaining == 0)
        {
            _decided.TrySetResult(true);
        }
    }

    public FlushResult Result() => new()
    {
        Accepted = _fates[(int)Fate.Accepted],
        Rejected = _fates[(int)Fate.Rejected],
        Dropped = _fates[(int)Fate.Dropped],
        Remaining = _remaining,
    };
}

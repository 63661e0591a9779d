namespace SegOps.Client.Sending;

/// <summary>How large the next batch may be. Used by the sender only.</summary>
internal sealed class BatchLimits(SegOpsOptions options, Clock clock)
{
    /// <summary>The server's own limit.</summary>
    public const int MaxEvents = 500;

    private int _bytes = options.MaxBatchBytes;
    private TimeSpan _bytesUntil;

    public int Events { get; private set; } = MaxEvents;

    /// <summary>Bytes of the body, before compression.</summary>
    public int Bytes => clock.Now < _bytesUntil ? _bytes : options.MaxBatchBytes;

    /// <summary>The next batch has at most half of the events, so that what is wrong with one of them meets fewer others.</summary>
    public void HalveEvents(int events) => Events = Math.Max(1, events / 2);

    /// <summary>The next batches have at most half of the bytes, for some minutes.</summary>
    public void HalveBytes(int bytes)
    {
        _bytes = Math.Max(1, Math.Min(bytes, Bytes) / 2);
        _bytesUntil = clock.Now + options.ByteLimitDuration;
    }

    /// <summary>A batch was taken: the next may have twice as many events.</summary>
    public void Succeeded() => Events = Math.Min(MaxEvents, Events * 2);
}

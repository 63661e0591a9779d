namespace SegOps.Contracts;

/// <summary>What one event and one request may hold. Source: docs/api.md.</summary>
public static class EventLimits
{
    /// <summary>Longest <c>user_id</c>, in Unicode scalar values.</summary>
    public const int MaxUserIdLength = 256;

    /// <summary>Longest <c>event_type</c>, in Unicode scalar values.</summary>
    public const int MaxEventTypeLength = 128;

    /// <summary>Largest <c>payload</c>, in bytes of its JSON text as sent.</summary>
    public const int MaxPayloadBytes = 32 * 1024;

    /// <summary>Deepest nesting of <c>payload</c>; the payload object itself is level 1.</summary>
    public const int MaxPayloadDepth = 10;

    /// <summary>Most events in one batch request.</summary>
    public const int MaxBatchEvents = 500;

    /// <summary>Largest body of a single-event request, in bytes after decompression.</summary>
    public const int MaxSingleBodyBytes = 1024 * 1024;

    /// <summary>Largest body of a batch request, in bytes after decompression.</summary>
    public const int MaxBatchBodyBytes = 10 * 1024 * 1024;

    /// <summary>
    /// Bytes a second that a body must bring on average: a tenth of what a phone on a poor network manages; below it a connection only
    /// holds memory.
    /// </summary>
    public const int MinBodyRate = 200;

    /// <summary>How long a body may be slower than <see cref="MinBodyRate"/>.</summary>
    public static readonly TimeSpan BodyRateGrace = TimeSpan.FromSeconds(5);

    /// <summary>How far ahead of the server's clock <c>occurred_at</c> may lie.</summary>
    public static readonly TimeSpan MaxFuture = TimeSpan.FromHours(24);

    /// <summary>The earliest <c>occurred_at</c> that is believed.</summary>
    public static readonly DateTimeOffset Earliest = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
}

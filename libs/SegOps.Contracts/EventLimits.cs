namespace SegOps.Contracts;

/// <summary>Limits of an event and of a request. Source: docs/api.md.</summary>
public static class EventLimits
{
    /// <summary>Maximum length of <c>user_id</c>, in Unicode scalar values.</summary>
    public const int MaxUserIdLength = 256;

    /// <summary>Maximum length of <c>event_type</c>, in Unicode scalar values.</summary>
    public const int MaxEventTypeLength = 128;

    /// <summary>Maximum size of <c>payload</c>, in bytes of its JSON text as sent.</summary>
    public const int MaxPayloadBytes = 32 * 1024;

    /// <summary>Maximum nesting depth of <c>payload</c>; the payload object is level 1.</summary>
    public const int MaxPayloadDepth = 10;

    /// <summary>Maximum members of an identify's payload that set traits. The view user_trait_values_from_events has the same limit.</summary>
    public const int MaxTraits = 200;

    /// <summary>Maximum number of events in a batch request.</summary>
    public const int MaxBatchEvents = 500;

    /// <summary>Maximum body size of a single-event request, in bytes after decompression.</summary>
    public const int MaxSingleBodyBytes = 1024 * 1024;

    /// <summary>Maximum body size of a batch request, in bytes after decompression.</summary>
    public const int MaxBatchBodyBytes = 10 * 1024 * 1024;

    /// <summary>
    /// Minimum average rate of a body, in bytes per second: a tenth of the rate of a phone on a poor network. Slower connections only occupy
    /// memory.
    /// </summary>
    public const int MinBodyRate = 200;

    /// <summary>Time before <see cref="MinBodyRate"/> applies.</summary>
    public static readonly TimeSpan BodyRateGrace = TimeSpan.FromSeconds(5);

    /// <summary>Maximum difference between <c>sent_at</c> and the time of receipt that counts as transit and not as a wrong clock.</summary>
    public static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(60);

    /// <summary>Maximum lead of <c>occurred_at</c> over the server's clock.</summary>
    public static readonly TimeSpan MaxFuture = TimeSpan.FromHours(24);

    /// <summary>The earliest valid <c>occurred_at</c>.</summary>
    public static readonly DateTimeOffset Earliest = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
}

namespace SegOps.Bench.Pipeline;

/// <summary>The result of a load, as its generator reports it.</summary>
internal sealed record LoadRun
{
    /// <summary>Requested duration in seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>Seconds from the first request to the last answer.</summary>
    public required double Elapsed { get; init; }

    /// <summary>Answered requests.</summary>
    public required long Requests { get; init; }

    /// <summary>Answers other than 202.</summary>
    public required long Refused { get; init; }

    /// <summary>Requests sent after the requested duration.</summary>
    public required long Late { get; init; }

    /// <summary>Events in a request.</summary>
    public required int EventsPerRequest { get; init; }

    /// <summary>Median latency from the scheduled time, in milliseconds.</summary>
    public required double MedianMilliseconds { get; init; }

    /// <summary>99th percentile of the latency, in milliseconds.</summary>
    public required double P99Milliseconds { get; init; }

    /// <summary>Events accepted by a 202.</summary>
    internal long Accepted => (Requests - Refused) * EventsPerRequest;

    /// <summary>Events accepted a second.</summary>
    internal double EventsPerSecond => Accepted / Math.Max(Seconds, Elapsed);
}

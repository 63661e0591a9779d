namespace SegOps.Bench.Pipeline;

/// <summary>What became of a load, as its generator tells it.</summary>
internal sealed record LoadRun
{
    /// <summary>Of sending, as it was asked for, in seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>From the first request to the last answer.</summary>
    public required double Elapsed { get; init; }

    /// <summary>Requests, each answered.</summary>
    public required long Requests { get; init; }

    /// <summary>Requests answered by anything but 202.</summary>
    public required long Refused { get; init; }

    /// <summary>Requests that could only be sent when the time for sending was over.</summary>
    public required long Late { get; init; }

    /// <summary>Events of a request.</summary>
    public required int EventsPerRequest { get; init; }

    /// <summary>Half of the answers did not take longer, in milliseconds from the intended time of sending.</summary>
    public required double MedianMilliseconds { get; init; }

    /// <summary>99 of 100 answers did not take longer.</summary>
    public required double P99Milliseconds { get; init; }

    /// <summary>Events that a 202 stands for.</summary>
    internal long Accepted => (Requests - Refused) * EventsPerRequest;

    /// <summary>Events accepted a second.</summary>
    internal double EventsPerSecond => Accepted / Math.Max(Seconds, Elapsed);
}

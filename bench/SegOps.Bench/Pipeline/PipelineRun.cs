namespace SegOps.Bench.Pipeline;

/// <summary>The result of a load.</summary>
/// <param name="Load">The generator's report.</param>
/// <param name="Backlog">Accepted events not yet stored, while the load was sent.</param>
/// <param name="Drained">Time from the last answer until all events were stored.</param>
/// <param name="Parts">Resources used by each process from the first request until all events were stored.</param>
internal sealed record PipelineRun(LoadRun Load, BacklogTrend Backlog, TimeSpan Drained, IReadOnlyList<PartFigures> Parts)
{
    /// <summary>Tolerated fraction of late requests, for jitter of timers and threads.</summary>
    private const double MaxLateFraction = 0.02;

    /// <summary>Whether the rate is sustainable: all requests were accepted and on time, and the backlog did not grow.</summary>
    internal bool IsSustained => Load.Refused == 0 && Load.Late <= MaxLateFraction * Load.Requests && !Backlog.IsGrowing(Load.EventsPerSecond);

    /// <summary>The figures of <paramref name="part"/>.</summary>
    internal PartFigures Of(string part) => Parts.Single(figures => figures.Part == part);
}

/// <summary>Resources used by a process in a run.</summary>
/// <param name="Part">Its name.</param>
/// <param name="CpuMicroseconds">Processor time for each accepted event.</param>
/// <param name="PeakMegabytes">Peak of the resident memory, in 10^6 bytes.</param>
internal sealed record PartFigures(string Part, double CpuMicroseconds, double PeakMegabytes);

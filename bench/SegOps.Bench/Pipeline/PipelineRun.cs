namespace SegOps.Bench.Pipeline;

/// <summary>A load, and what the system made of it.</summary>
/// <param name="Load">What the generator tells.</param>
/// <param name="Backlog">Accepted and not yet stored, while the load was sent.</param>
/// <param name="Drained">From the last answer until all was stored.</param>
/// <param name="Parts">What each process used from the first request until all was stored.</param>
internal sealed record PipelineRun(LoadRun Load, BacklogCourse Backlog, TimeSpan Drained, IReadOnlyList<PartFigures> Parts)
{
    /// <summary>Of the requests, this fraction may be late: clocks and threads have their moments.</summary>
    private const double LateAtMost = 0.02;

    /// <summary>Whether this could have gone on: all was accepted, sending kept its pace, and the backlog did not grow.</summary>
    internal bool IsSustained => Load.Refused == 0 && Load.Late <= LateAtMost * Load.Requests && !Backlog.IsGrowing(Load.EventsPerSecond);

    /// <summary>Of the process called <paramref name="part"/>.</summary>
    internal PartFigures Of(string part) => Parts.Single(figures => figures.Part == part);
}

/// <summary>What a process used in a run.</summary>
/// <param name="Part">Its name.</param>
/// <param name="CpuMicroseconds">Processor time for each accepted event.</param>
/// <param name="PeakMegabytes">The most resident memory that was seen, in 10^6 bytes.</param>
internal sealed record PartFigures(string Part, double CpuMicroseconds, double PeakMegabytes);

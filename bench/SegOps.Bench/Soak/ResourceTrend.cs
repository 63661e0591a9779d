namespace SegOps.Bench.Soak;

/// <summary>A part's figures over a run: medians of the second and of the last third. The first third is the warm-up.</summary>
/// <param name="Part">Its name.</param>
/// <param name="Middle">Medians of the second third.</param>
/// <param name="Last">Medians of the last third.</param>
/// <param name="Peak">Peak of the memory, in megabytes.</param>
internal sealed record ResourceTrend(string Part, ProcessFigures Middle, ProcessFigures Last, double Peak)
{
    /// <summary>Tolerated growth of the memory: normal variation of a .NET heap between two collections.</summary>
    private const double MemoryTolerance = 1.15;

    /// <summary>Tolerated growth of handles and threads: normal variation of connections and the thread pool.</summary>
    private const double CountTolerance = 8;

    /// <summary>Creates it from at least three samples in order of time.</summary>
    internal static ResourceTrend Of(string part, IReadOnlyList<ProcessFigures> samples)
    {
        var third = samples.Count / 3;
        return new ResourceTrend(
            part,
            ProcessFigures.MedianOf([.. samples.Skip(third).Take(third)]),
            ProcessFigures.MedianOf([.. samples.Skip(samples.Count - third)]),
            samples.Max(sample => sample.Megabytes));
    }

    /// <summary>Whether no figure grew by more than its tolerance.</summary>
    internal bool IsFlat =>
        Last.Megabytes <= Middle.Megabytes * MemoryTolerance && Last.Handles <= Middle.Handles + CountTolerance && Last.Threads <= Middle.Threads + CountTolerance;
}

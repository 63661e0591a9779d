namespace SegOps.Bench.Soak;

/// <summary>How a part's figures went: the medians of the second and of the last third. The first third is warming up.</summary>
/// <param name="Part">Its name.</param>
/// <param name="Middle">Of the second third.</param>
/// <param name="Last">Of the last third.</param>
/// <param name="Peak">The most memory that was seen, in megabytes.</param>
internal sealed record Course(string Part, ProcessFigures Middle, ProcessFigures Last, double Peak)
{
    /// <summary>A .NET heap breathes by about this much between two collections.</summary>
    private const double Breath = 1.15;

    /// <summary>Connections, and threads of the pool, come and go.</summary>
    private const double Churn = 8;

    /// <summary>Makes it of samples in the order of their taking, at least three.</summary>
    internal static Course Of(string part, IReadOnlyList<ProcessFigures> samples)
    {
        var third = samples.Count / 3;
        return new Course(
            part,
            ProcessFigures.MedianOf([.. samples.Skip(third).Take(third)]),
            ProcessFigures.MedianOf([.. samples.Skip(samples.Count - third)]),
            samples.Max(sample => sample.Megabytes));
    }

    /// <summary>Whether nothing grew by more than what comes and goes anyway.</summary>
    internal bool IsFlat =>
        Last.Megabytes <= Middle.Megabytes * Breath && Last.Handles <= Middle.Handles + Churn && Last.Threads <= Middle.Threads + Churn;
}

namespace SegOps.Bench.Reporting;

/// <summary>Statistics of repeated measurements.</summary>
internal static class Statistics
{
    /// <summary>The median. For an even count, the upper of the two middle values.</summary>
    internal static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    /// <summary>The nearest-rank percentile. 0 if there are no values.</summary>
    /// <param name="sorted">Values in ascending order.</param>
    /// <param name="fraction">From 0 to 1, such as 0.99.</param>
    internal static double Percentile(IReadOnlyList<double> sorted, double fraction)
    {
        const double Rounding = 1e-9; // As doubles, 0.07 * 100 is slightly more than 7.
        return sorted.Count == 0 ? 0 : sorted[Math.Clamp((int)Math.Ceiling((fraction * sorted.Count) - Rounding) - 1, 0, sorted.Count - 1)];
    }
}

namespace SegOps.Bench.Reporting;

/// <summary>What is said of several measurements of the same.</summary>
internal static class Statistics
{
    /// <summary>The middle value, of an even number the upper of the two.</summary>
    internal static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    /// <summary>The smallest of the values that a <paramref name="fraction"/> of them does not exceed; 0 without any.</summary>
    /// <param name="sorted">In ascending order.</param>
    /// <param name="fraction">Such as 0.99.</param>
    internal static double Percentile(IReadOnlyList<double> sorted, double fraction)
    {
        const double Rounding = 1e-9; // 0.07 of 100 values is a little more than 7 to a double
        return sorted.Count == 0 ? 0 : sorted[Math.Clamp((int)Math.Ceiling((fraction * sorted.Count) - Rounding) - 1, 0, sorted.Count - 1)];
    }
}

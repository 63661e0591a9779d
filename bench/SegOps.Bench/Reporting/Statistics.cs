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
}

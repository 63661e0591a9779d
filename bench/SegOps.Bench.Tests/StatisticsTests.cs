using SegOps.Bench.Reporting;

namespace SegOps.Bench.Tests;

public sealed class StatisticsTests
{
    private static readonly double[] Hundred = [.. Enumerable.Range(1, 100).Select(number => (double)number)];

    [Theory]
    [InlineData(0.07, 7)] // 0.07 * 100 is above 7 to a double
    [InlineData(0.5, 50)]
    [InlineData(0.95, 95)]
    [InlineData(0.99, 99)]
    [InlineData(0.995, 100)]
    [InlineData(1, 100)]
    [InlineData(0, 1)]
    public void Percentile_OfOneToAHundred_IsTheFirstThatTheFractionDoesNotExceed(double fraction, double expected) =>
        Assert.Equal(expected, Statistics.Percentile(Hundred, fraction));

    [Fact]
    public void Percentile_P99OfFewValues_IsTheLargest() => Assert.Equal(3, Statistics.Percentile([1, 2, 3], 0.99));

    [Fact]
    public void Percentile_OfNothing_IsZero() => Assert.Equal(0, Statistics.Percentile([], 0.99));

    [Fact]
    public void Median_OfUnsorted_IsTheMiddle() => Assert.Equal(2, Statistics.Median([3, 1, 2]));
}

using SegOps.Bench.Pipeline;

namespace SegOps.Bench.Tests;

public sealed class RateSearchTests
{
    private const double Estimate = 1_000;
    private const int Steps = 3;

    [Theory]
    [InlineData(200)]
    [InlineData(650)]
    [InlineData(800)]
    [InlineData(990)]
    [InlineData(1_000)]
    [InlineData(3_000)]
    public async Task HighestAsync_AnyMaximum_IsJustBelowIt(double maximum) =>
        Assert.InRange(await RateSearch.HighestAsync(Estimate, Steps, rate => Task.FromResult(rate <= maximum)), maximum * 0.968, maximum);

    [Theory]
    [InlineData(650)]
    [InlineData(990)]
    public async Task HighestAsync_EstimateIsGood_NeedsFewTries(double maximum)
    {
        var tries = 0;

        await RateSearch.HighestAsync(Estimate, Steps, rate => Task.FromResult(++tries > 0 && rate <= maximum));

        Assert.Equal(2 + Steps, tries);
    }

    [Fact]
    public async Task HighestAsync_NothingIsSustained_IsTheLowestTried()
    {
        var tried = new List<double>();

        var found = await RateSearch.HighestAsync(Estimate, Steps, rate =>
        {
            tried.Add(rate);
            return Task.FromResult(false);
        });

        Assert.Equal(tried.Min(), found);
    }

    [Theory]
    [InlineData(650)]
    [InlineData(990)]
    [InlineData(double.PositiveInfinity)]
    public async Task HighestAsync_Sustained_WasTriedAndHeld(double maximum)
    {
        var held = new List<double>();

        var found = await RateSearch.HighestAsync(Estimate, Steps, rate =>
        {
            if (rate <= maximum)
                held.Add(rate);
            return Task.FromResult(rate <= maximum);
        });

        Assert.Equal(held.Max(), found);
    }
}

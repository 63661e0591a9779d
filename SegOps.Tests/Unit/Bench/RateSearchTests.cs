using SegOps.Bench.Pipeline;

namespace SegOps.Tests.Unit.Bench;

public sealed class RateSearchTests
{
    [Theory]
    [InlineData(650)]
    [InlineData(800)]
    [InlineData(990)]
    public async Task HighestAsync_MaximumIsInTheRange_IsJustBelowIt(double maximum) =>
        Assert.InRange(await SearchAsync(maximum), maximum - (400 / 16), maximum);

    [Fact]
    public async Task HighestAsync_MaximumIsBelowTheRange_GoesDownToIt() => Assert.InRange(await SearchAsync(300), 300 * 0.8, 300);

    [Fact]
    public async Task HighestAsync_NothingIsSustained_Ends() => Assert.InRange(await SearchAsync(0), 1, 300);

    [Fact]
    public async Task HighestAsync_Sustained_WasTried()
    {
        var tried = new HashSet<double>();

        var found = await RateSearch.HighestAsync(1_000, 4, rate => Task.FromResult(tried.Add(rate) && rate <= 610));

        Assert.Contains(found, tried);
    }

    private static Task<double> SearchAsync(double maximum) => RateSearch.HighestAsync(1_000, 4, rate => Task.FromResult(rate <= maximum));
}

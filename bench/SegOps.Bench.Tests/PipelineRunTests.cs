using SegOps.Bench.Pipeline;

namespace SegOps.Bench.Tests;

public sealed class PipelineRunTests
{
    private const int Rate = 100_000;

    [Fact]
    public void IsSustained_BacklogGoesUpAndDown_IsTrue() =>
        Assert.True(Run(60, sample => sample % 2 == 0 ? 0 : 50_000).IsSustained);

    [Fact]
    public void IsSustained_BacklogGrewOnlyInTheFirstThird_IsTrue() =>
        Assert.True(Run(60, sample => Math.Min(sample, 100) * 10_000).IsSustained);

    [Fact]
    public void IsSustained_BacklogGrewByTwoSeconds_IsFalse() =>
        Assert.False(Run(60, sample => sample * 2 * Rate / 200.0).IsSustained);

    [Fact]
    public void IsSustained_BacklogGrewByHalfASecond_IsTrue() =>
        Assert.True(Run(60, sample => sample * Rate / 2 / 300.0).IsSustained);

    [Fact]
    public void IsSustained_BacklogOfAShortRunGrewByASecond_IsFalse() =>
        Assert.False(Run(8, sample => sample * (double)Rate / 20).IsSustained);

    [Fact]
    public void IsSustained_BacklogShrinks_IsTrue() =>
        Assert.True(Run(60, sample => 10_000_000 - (sample * 10_000)).IsSustained);

    [Fact]
    public void IsSustained_TooLittleWasSeen_IsFalse() =>
        Assert.False(new PipelineRun(Load(60), new BacklogTrend(TimeSpan.FromSeconds(60)), TimeSpan.Zero, []).IsSustained);

    [Fact]
    public void IsSustained_OneAnswerWasNot202_IsFalse() => Assert.False(Run(60, _ => 0, load => load with { Refused = 1 }).IsSustained);

    [Theory]
    [InlineData(0.02, true)]
    [InlineData(0.03, false)]
    public void IsSustained_SendingWasLate_IsOnlyUpToTwoPercent(double late, bool expected) =>
        Assert.Equal(expected, Run(60, _ => 0, load => load with { Late = (long)(late * load.Requests) }).IsSustained);

    [Fact]
    public void EventsPerSecond_AnswersTookLonger_CountsUntilTheLast() =>
        Assert.Equal(Rate / 2, (Load(10) with { Elapsed = 20 }).EventsPerSecond);

    [Fact]
    public void EventsPerSecond_LastAnswerCameBeforeTheEnd_CountsTheWholeLength() =>
        Assert.Equal(Rate, (Load(10) with { Elapsed = 5 }).EventsPerSecond);

    /// <summary>A run whose backlog is seen five times a second.</summary>
    private static PipelineRun Run(int seconds, Func<int, double> backlog, Func<LoadRun, LoadRun>? change = null)
    {
        var trend = new BacklogTrend(TimeSpan.FromSeconds(seconds));
        for (var sample = 0; sample < seconds * 5; sample++)
            trend.Add(backlog(sample));
        var load = Load(seconds);
        return new PipelineRun(change is null ? load : change(load), trend, TimeSpan.Zero, []);
    }

    private static LoadRun Load(int seconds) => new()
    {
        Seconds = seconds,
        Elapsed = seconds,
        Requests = seconds * Rate / 500,
        Refused = 0,
        Late = 0,
        EventsPerRequest = 500,
        MedianMilliseconds = 10,
        P99Milliseconds = 20,
    };
}

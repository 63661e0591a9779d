using Microsoft.Extensions.Time.Testing;
using SegOps.Gateway.RateLimiting;

namespace SegOps.Tests.Unit.Gateway.RateLimiting;

public sealed class SlidingWindowCounterTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void Wait_LimitReached_IsUntilTheFirstAttemptIsAWindowOld()
    {
        var counter = new SlidingWindowCounter<string>(2, _clock);
        counter.Add("a");
        _clock.Advance(TimeSpan.FromSeconds(20));
        counter.Add("a");
        _clock.Advance(TimeSpan.FromSeconds(20));

        Assert.Equal(TimeSpan.FromSeconds(20), counter.Wait("a"));
    }

    [Fact]
    public void Add_LimitReached_MakesNoWaitLonger()
    {
        var counter = new SlidingWindowCounter<string>(1, _clock);
        counter.Add("a");
        _clock.Advance(TimeSpan.FromSeconds(59));

        Assert.Equal(TimeSpan.FromSeconds(1), counter.Add("a"));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(counter.Add("a"));
    }

    [Fact]
    public void Left_SomeAttempts_IsTheRestUntilTheFirstEnds()
    {
        var counter = new SlidingWindowCounter<string>(3, _clock, TimeSpan.FromSeconds(10));
        counter.Add("a");
        _clock.Advance(TimeSpan.FromSeconds(4));

        Assert.Equal((2, TimeSpan.FromSeconds(6)), counter.Left("a"));
        Assert.Equal((3, TimeSpan.FromSeconds(10)), counter.Left("b"));
    }

    [Fact]
    public void Add_MoreCallersThanItHolds_ForgetsTheFirst()
    {
        var counter = new SlidingWindowCounter<int>(1, _clock);

        for (var caller = 0; caller <= 10_000; caller++)
            counter.Add(caller);

        Assert.Null(counter.Wait(0));
        Assert.NotNull(counter.Wait(1));
        Assert.NotNull(counter.Wait(10_000));
    }
}

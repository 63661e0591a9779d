using Microsoft.Extensions.Time.Testing;
using SegOps.Gateway.Http;

namespace SegOps.Tests.Unit.Gateway;

public sealed class AttemptLogTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void Wait_LimitReached_IsUntilTheFirstAttemptIsAWindowOld()
    {
        var log = new AttemptLog<string>(2, _clock);
        log.Add("a");
        _clock.Advance(TimeSpan.FromSeconds(20));
        log.Add("a");
        _clock.Advance(TimeSpan.FromSeconds(20));

        Assert.Equal(TimeSpan.FromSeconds(20), log.Wait("a"));
    }

    [Fact]
    public void Add_LimitReached_MakesNoWaitLonger()
    {
        var log = new AttemptLog<string>(1, _clock);
        log.Add("a");
        _clock.Advance(TimeSpan.FromSeconds(59));

        Assert.Equal(TimeSpan.FromSeconds(1), log.Add("a"));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(log.Add("a"));
    }

    [Fact]
    public void Left_SomeAttempts_IsTheRestUntilTheFirstEnds()
    {
        var log = new AttemptLog<string>(3, _clock, TimeSpan.FromSeconds(10));
        log.Add("a");
        _clock.Advance(TimeSpan.FromSeconds(4));

        Assert.Equal((2, TimeSpan.FromSeconds(6)), log.Left("a"));
        Assert.Equal((3, TimeSpan.FromSeconds(10)), log.Left("b"));
    }

    [Fact]
    public void Add_MoreCallersThanItHolds_ForgetsTheFirst()
    {
        var log = new AttemptLog<int>(1, _clock);

        for (var caller = 0; caller <= 10_000; caller++)
            log.Add(caller);

        Assert.Null(log.Wait(0));
        Assert.NotNull(log.Wait(1));
        Assert.NotNull(log.Wait(10_000));
    }
}

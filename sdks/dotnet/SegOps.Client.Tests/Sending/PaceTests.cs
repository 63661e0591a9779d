using CsCheck;
using SegOps.Client.Sending;

namespace SegOps.Client.Tests.Sending;

public class PaceTests
{
    private readonly TestClock _time = new();

    [Fact]
    public void Failed_InARow_WaitsBetweenHalfAndAllOfADoublingTime() => Gen.Select(Gen.Double.Unit, Gen.Int[1, 100]).Sample((random, failures) =>
    {
        var clock = new Clock(_time);
        var pace = new Pace(new SegOpsOptions(), clock, () => random);
        var wait = TimeSpan.Zero;
        for (var i = 0; i < failures; i++)
        {
            _time.Advance(pace.NotBefore - clock.Now);
            wait = pace.Failed(TimeSpan.Zero);
        }

        var longest = Math.Min(60, Math.Pow(2, failures - 1));
        return wait.TotalSeconds >= (longest / 2) - 0.001 && wait.TotalSeconds <= longest + 0.001;
    }, threads: 1);

    [Theory]
    [InlineData(0, 0.5)]
    [InlineData(1, 1)]
    public void Failed_Once_WaitsASecondAtMost(double random, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), New(random).Failed(TimeSpan.Zero));

    [Fact]
    public void Failed_ServerAsksForMore_WaitsAsLong() => Assert.Equal(TimeSpan.FromSeconds(90), New(0).Failed(TimeSpan.FromSeconds(90)));

    [Fact]
    public void Failed_ServerAsksForLess_KeepsTheBackoff() => Assert.Equal(TimeSpan.FromSeconds(1), New(1).Failed(TimeSpan.FromMilliseconds(1)));

    [Fact]
    public void Pause_ShorterThanTheLastOne_ChangesNothing()
    {
        var pace = New(0);
        pace.Pause(TimeSpan.FromSeconds(90));

        pace.Pause(TimeSpan.FromSeconds(3));

        Assert.Equal(TimeSpan.FromSeconds(90), pace.NotBefore);
    }

    [Fact]
    public void Succeeded_AfterFailures_BeginsAgain()
    {
        var clock = new Clock(_time);
        var pace = new Pace(new SegOpsOptions(), clock, () => 1);
        pace.Failed(TimeSpan.Zero);
        _time.Advance(pace.NotBefore - clock.Now + pace.Failed(TimeSpan.Zero));

        pace.Succeeded();

        Assert.Equal(TimeSpan.FromSeconds(1), pace.Failed(TimeSpan.Zero));
    }

    [Theory]
    [InlineData(0, 240)]
    [InlineData(1, 360)]
    public void PauseForProbe_Random_DiffersByAFifth(double random, double seconds)
    {
        var pace = New(random);

        pace.PauseForProbe(TimeSpan.FromMinutes(5));

        Assert.Equal(seconds, pace.NotBefore.TotalSeconds, 3);
    }

    [Fact]
    public void SecureRandom_Always_LiesBetween0And1()
    {
        for (var i = 0; i < 1000; i++)
        {
            Assert.InRange(Pace.SecureRandom(), 0, 1);
        }
    }

    private Pace New(double random) => new(new SegOpsOptions(), new Clock(_time), () => random);
}

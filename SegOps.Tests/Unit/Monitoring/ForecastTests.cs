using SegOps.Monitoring.Usage;

namespace SegOps.Tests.Unit.Monitoring;

public sealed class ForecastTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 11, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset MonthEnds = new(2026, 4, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Of_MoreThanTheLimitByTheEndOfTheMonth_SaysWhenItRunsOut()
    {
        var forecast = Forecast.Of(counted: 7_000, TimeSpan.FromDays(7), used: 10_000, limit: 15_000, Now, MonthEnds);

        Assert.Equal(new Forecast(1_000, 31_000, Now.AddDays(5)), forecast);
    }

    [Fact]
    public void Of_LessThanTheLimit_DoesNotRunOut() =>
        Assert.Null(Forecast.Of(7_000, TimeSpan.FromDays(7), 10_000, 31_000, Now, MonthEnds).RunsOutAt);

    [Fact]
    public void Of_NoLimit_DoesNotRunOut() => Assert.Null(Forecast.Of(7_000, TimeSpan.FromDays(7), 10_000, null, Now, MonthEnds).RunsOutAt);

    [Fact]
    public void Of_LimitReached_RanOutNow() => Assert.Equal(Now, Forecast.Of(7_000, TimeSpan.FromDays(7), 15_000, 15_000, Now, MonthEnds).RunsOutAt);

    [Fact]
    public void Of_FirstEventsMinutesAgo_AreTakenForADay() => Assert.Equal(50, Forecast.Of(50, TimeSpan.FromMinutes(10), 50, null, Now, MonthEnds).EventsPerDay);

    [Fact]
    public void Of_NoEvents_StaysWhereItIs() => Assert.Equal(new Forecast(0, 10, null), Forecast.Of(0, TimeSpan.FromDays(7), 10, 20, Now, MonthEnds));
}

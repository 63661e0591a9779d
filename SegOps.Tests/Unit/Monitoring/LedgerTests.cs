using System.ComponentModel.DataAnnotations;
using SegOps.Monitoring.Ledger;

namespace SegOps.Tests.Unit.Monitoring;

public sealed class LedgerTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 14, 30, TimeSpan.Zero);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly LedgerWindow Hour = new("1h", TimeSpan.FromHours(1));

    [Fact]
    public void Settled_UpToDate_IsTheLastMinuteThatEndedThePatienceAgo() =>
        Assert.Equal(new DateTime(2026, 1, 2, 3, 9, 0, DateTimeKind.Utc), Settlement.At(Now, Now, Patience));

    [Fact]
    public void Settled_VolumesAreBehind_GoesByThem() =>
        Assert.Equal(new DateTime(2026, 1, 2, 2, 9, 0, DateTimeKind.Utc), Settlement.At(Now, Now.AddHours(-1), Patience));

    [Fact]
    public void Settled_VolumesNeverCounted_IsNothing() => Assert.Null(Settlement.At(Now, null, Patience));

    [Fact]
    public void Answer_MissingOutsideTheWindow_IsBalancedWithAnAlarm()
    {
        var to = LedgerWindow.End(Now);
        var lost = new LedgerMinute(to.AddHours(-3), 2, 1, 0, 0, 0, 0, 1, 0);

        var answer = LedgerAnswer.Of(Hour, to, to, Patience, [lost]);

        Assert.Equal((LedgerState.Balanced, new LedgerGap(1, lost.At)), (answer.State, answer.Alarm));
    }

    [Fact]
    public void Answer_MissingAndInFlight_IsMissing()
    {
        var to = LedgerWindow.End(Now);

        var answer = LedgerAnswer.Of(Hour, to, to, Patience, [new(to.AddMinutes(-9), 1, 0, 0, 0, 0, 0, 1, 0), new(to.AddMinutes(-1), 1, 0, 0, 0, 0, 1, 0, 0)]);

        Assert.Equal(LedgerState.Missing, answer.State);
    }

    [Theory]
    [InlineData("00:00:00.5", false)]
    [InlineData("00:05:00", true)]
    public void Options_Patience_IsAtLeastASecond(string patience, bool isValid)
    {
        var options = new LedgerOptions { Patience = TimeSpan.Parse(patience, System.Globalization.CultureInfo.InvariantCulture) };

        Assert.Equal(isValid, Validator.TryValidateObject(options, new ValidationContext(options), null, validateAllProperties: true));
    }
}

using System.ComponentModel.DataAnnotations;
using SegOps.Monitoring.Audit;

namespace SegOps.Tests.Unit.Monitoring;

public sealed class EventAuditTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 14, 30, TimeSpan.Zero);
    private static readonly TimeSpan AllowedLateness = TimeSpan.FromMinutes(5);
    private static readonly EventAuditWindow Hour = new("1h", TimeSpan.FromHours(1));

    [Fact]
    public void Watermark_NothingWaits_IsTheLastMinuteThatEndedTheAllowedLatenessAgo() =>
        Assert.Equal(new DateTime(2026, 1, 2, 3, 9, 0, DateTimeKind.Utc), Watermark.At(Now, null, AllowedLateness));

    [Fact]
    public void Watermark_NewReceiptsWait_DoesNotWaitForThem() =>
        Assert.Equal(new DateTime(2026, 1, 2, 3, 9, 0, DateTimeKind.Utc), Watermark.At(Now, Now.UtcDateTime.AddSeconds(-15), AllowedLateness));

    [Fact]
    public void Watermark_OldReceiptsWait_IsBeforeThem() =>
        Assert.Equal(new DateTime(2026, 1, 2, 2, 14, 0, DateTimeKind.Utc), Watermark.At(Now, Now.UtcDateTime.AddHours(-1), AllowedLateness));

    [Fact]
    public void Answer_MissingOutsideTheWindow_IsBalancedWithAnAlarm()
    {
        var to = EventAuditWindow.End(Now);
        var lost = new EventAuditMinute(to.AddHours(-3), 2, 1, 0, 0, 0, 0, 1, 0);

        var answer = EventAuditAnswer.Of(Hour, to, to, AllowedLateness, [lost]);

        Assert.Equal((EventAuditState.Balanced, new EventAuditGap(1, lost.At)), (answer.State, answer.Alarm));
    }

    [Fact]
    public void Answer_MissingAndInFlight_IsMissing()
    {
        var to = EventAuditWindow.End(Now);

        var answer = EventAuditAnswer.Of(Hour, to, to, AllowedLateness, [new(to.AddMinutes(-9), 1, 0, 0, 0, 0, 0, 1, 0), new(to.AddMinutes(-1), 1, 0, 0, 0, 0, 1, 0, 0)]);

        Assert.Equal(EventAuditState.Missing, answer.State);
    }

    [Theory]
    [InlineData("00:00:00.5", false)]
    [InlineData("00:05:00", true)]
    public void Options_Patience_IsAtLeastASecond(string patience, bool isValid)
    {
        var options = new EventAuditOptions { Patience = TimeSpan.Parse(patience, System.Globalization.CultureInfo.InvariantCulture) };

        Assert.Equal(isValid, Validator.TryValidateObject(options, new ValidationContext(options), null, validateAllProperties: true));
    }
}

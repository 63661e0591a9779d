using SegOps.Client.Sending;

namespace SegOps.Client.Tests.Sending;

public class PauseHeadersTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Theory]
    [InlineData(null, 0)]
    [InlineData("", 0)]
    [InlineData("soon", 0)]
    [InlineData("0", 0)]
    [InlineData("17", 17)]
    [InlineData("2678400", 2_678_400)]
    [InlineData("99999999999999999999", 366 * 86_400)]
    [InlineData("-5", 0)]
    [InlineData("Fri, 02 Jan 2026 03:04:35 GMT", 30)]
    [InlineData("Fri, 02 Jan 2026 03:04:00 GMT", 0)]
    public void RetryAfter_SecondsOrDate_IsThePause(string? value, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), PauseHeaders.RetryAfter(value, Now));

    [Theory]
    [InlineData(null, 0)]
    [InlineData("\"minute\";r=59;t=60, \"month\";r=499000;t=551957", 0)]
    [InlineData("\"minute\";r=0;t=17, \"month\";r=499000;t=551957", 17)]
    [InlineData("\"address\";r=0;t=5, \"key\";r=0;t=9", 9)]
    [InlineData("\"minute\";r=3;t=60, \"month\";r=0;t=551957", 0)]
    [InlineData("\"day\"; r=0; t=100, \"minute\"; r=0; t=3", 3)]
    [InlineData("garbage;;=,", 0)]
    public void RateLimit_WindowWithoutCalls_IsThePause(string? value, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), PauseHeaders.RateLimit(value));
}

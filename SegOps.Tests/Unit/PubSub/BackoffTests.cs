using SegOps.PubSub.Connection;

namespace SegOps.Tests.Unit.PubSub;

public sealed class BackoffTests
{
    private static readonly Backoff Backoff = new(TimeSpan.FromMilliseconds(100), 4, TimeSpan.FromSeconds(60));

    [Theory]
    [InlineData(0, 0.1)]
    [InlineData(1, 0.4)]
    [InlineData(2, 1.6)]
    [InlineData(5, 60)]
    [InlineData(10_000, 60)]
    public void Delay_Failures_IsBetweenHalfAndAllOfTheGrownWait(int failures, double seconds)
    {
        for (var i = 0; i < 100; i++)
            Assert.InRange(Backoff.Delay(failures).TotalSeconds, seconds / 2 - 0.0001, seconds + 0.0001);
    }
}

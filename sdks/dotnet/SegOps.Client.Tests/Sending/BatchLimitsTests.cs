using SegOps.Client.Sending;

namespace SegOps.Client.Tests.Sending;

public class BatchLimitsTests
{
    private readonly TestClock _time = new();

    [Fact]
    public void HalveBytes_ForTenMinutes_LimitsBatches()
    {
        var limits = new BatchLimits(new SegOpsOptions(), new Clock(_time));

        limits.HalveBytes(1000);
        Assert.Equal(500, limits.Bytes);
        limits.HalveBytes(400);
        Assert.Equal(200, limits.Bytes);
        _time.Advance(TimeSpan.FromMinutes(10));

        Assert.Equal(2 * 1024 * 1024, limits.Bytes);
    }

    [Fact]
    public void HalveBytes_NeverReachesZero()
    {
        var limits = new BatchLimits(new SegOpsOptions(), new Clock(_time));

        for (var i = 0; i < 40; i++)
        {
            limits.HalveBytes(limits.Bytes);
        }

        Assert.Equal(1, limits.Bytes);
    }

    [Fact]
    public void Succeeded_AfterHalving_DoublesUpToTheServersLimit()
    {
        var limits = new BatchLimits(new SegOpsOptions(), new Clock(_time));
        limits.HalveEvents(300);
        Assert.Equal(150, limits.Events);

        limits.Succeeded();
        Assert.Equal(300, limits.Events);
        limits.Succeeded();

        Assert.Equal(500, limits.Events);
    }

    [Fact]
    public void HalveEvents_OfOne_StaysOne()
    {
        var limits = new BatchLimits(new SegOpsOptions(), new Clock(_time));

        limits.HalveEvents(1);

        Assert.Equal(1, limits.Events);
    }
}

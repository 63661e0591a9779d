namespace SegOps.Client.Tests;

public class FlushTests
{
    [Fact]
    public async Task Flush_NothingQueued_EndsAtOnce()
    {
        await using var bench = new Bench();

        var result = await bench.Client.FlushAsync();

        Assert.Equal((0, 0, 0, 0), (result.Accepted, result.Rejected, result.Dropped, result.Remaining));
    }

    [Fact]
    public async Task Flush_QueuedEvents_CountsTheirFates()
    {
        await using var bench = new Bench(o => o.FlushAt = 100);

        bench.Track(3);
        var flush = bench.Client.FlushAsync();
        (await bench.Server.NextAsync()).Answer(202, """{"accepted":2,"rejected":1,"errors":[{"index":0,"code":"empty"}]}""");
        var result = await flush;

        Assert.Equal((2, 1, 0, 0), (result.Accepted, result.Rejected, result.Dropped, result.Remaining));
    }

    [Fact]
    public async Task Flush_WhileAnotherRuns_CoversLaterEvents()
    {
        await using var bench = new Bench(o => o.FlushAt = 100);

        bench.Track();
        var first = bench.Client.FlushAsync();
        var request = await bench.Server.NextAsync();
        bench.Track();
        var second = bench.Client.FlushAsync();
        request.Accept();
        Assert.Equal(1, (await first).Accepted);
        Assert.False(second.IsCompleted);
        (await bench.Server.NextAsync()).Accept();

        Assert.Equal(2, (await second).Accepted);
    }

    [Fact]
    public async Task Flush_TimeIsOut_TellsWhatRemains()
    {
        await using var bench = new Bench();

        bench.Track();
        await bench.Server.NextAsync();
        var flush = bench.Client.FlushAsync(TimeSpan.FromSeconds(3));
        await bench.Clock.TimerAsync(timer => timer == TimeSpan.FromSeconds(3));
        bench.Clock.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal(1, (await flush).Remaining);
        Assert.Equal(1, bench.Client.GetStats().InFlight);
    }

    [Fact]
    public async Task Flush_Cancelled_ThrowsAndKeepsTheEvents()
    {
        await using var bench = new Bench();
        using var source = new CancellationTokenSource();

        bench.Track();
        await bench.Server.NextAsync();
        var flush = bench.Client.FlushAsync(cancellationToken: source.Token);
        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => flush);
        Assert.Equal(1, bench.Client.GetStats().InFlight);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MaxValue / TimeSpan.TicksPerMillisecond)]
    public async Task Flush_NoLimit_WaitsForTheAnswer(long milliseconds)
    {
        await using var bench = new Bench();

        bench.Track();
        var flush = bench.Client.FlushAsync(TimeSpan.FromMilliseconds(milliseconds));
        (await bench.Server.NextAsync()).Accept();

        Assert.Equal(0, (await flush).Remaining);
    }
}

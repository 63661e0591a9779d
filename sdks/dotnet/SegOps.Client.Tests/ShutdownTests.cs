namespace SegOps.Client.Tests;

public class ShutdownTests
{
    [Fact]
    public async Task Shutdown_QueuedEvents_AreSent()
    {
        await using var bench = new Bench(o => o.FlushAt = 100);

        bench.Track(3);
        var shutdown = bench.Client.ShutdownAsync();
        (await bench.Server.NextAsync()).Accept();

        Assert.Equal((3, 0), ((await shutdown).Accepted, (await shutdown).Remaining));
    }

    [Fact]
    public async Task Shutdown_ServerHangs_DropsTheRestAtTheDeadline()
    {
        await using var bench = new Bench();

        bench.Track();
        var request = await bench.Server.NextAsync();
        bench.Track();
        var shutdown = bench.Client.ShutdownAsync(TimeSpan.FromSeconds(10));
        await bench.Clock.TimerAsync(timer => timer == TimeSpan.FromSeconds(10));
        bench.Clock.Advance(TimeSpan.FromSeconds(10));
        var result = await shutdown;
        request.Accept();

        Assert.Equal((0, 2, 0), (result.Accepted, result.Dropped, result.Remaining));
        Assert.Equal(DropReason.Shutdown, (await bench.DropAsync()).Reason);
        Assert.Equal(2, bench.Client.GetStats().Drops[DropReason.Shutdown]);
    }

    [Fact]
    public async Task Shutdown_PauseBeyondTheDeadline_EndsAtOnce()
    {
        await using var bench = new Bench();

        bench.Track();
        (await bench.Server.NextAsync()).Problem(503, "overloaded", ("Retry-After", "60"));
        await bench.WaitAsync();

        Assert.Equal(1, (await bench.Client.ShutdownAsync(TimeSpan.FromSeconds(10))).Dropped);
    }

    [Fact]
    public async Task Shutdown_PauseWithinTheDeadline_IsKept()
    {
        await using var bench = new Bench();

        bench.Track();
        (await bench.Server.NextAsync()).Problem(503, "overloaded", ("Retry-After", "6"));
        await bench.WaitAsync();
        var shutdown = bench.Client.ShutdownAsync(TimeSpan.FromSeconds(10));
        await bench.Clock.TimerAsync(timer => timer == TimeSpan.FromSeconds(10));
        var (_, request) = await bench.NextAfterWaitAsync();
        request.Accept();

        Assert.Equal(1, (await shutdown).Accepted);
    }

    [Fact]
    public async Task Shutdown_Twice_IsTheSame()
    {
        await using var bench = new Bench();

        Assert.Same(bench.Client.ShutdownAsync(), bench.Client.ShutdownAsync(TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public async Task Shutdown_Cancelled_StillTellsTheResult()
    {
        await using var bench = new Bench();
        using var source = new CancellationTokenSource();

        bench.Track();
        await bench.Server.NextAsync();
        var shutdown = bench.Client.ShutdownAsync(cancellationToken: source.Token);
        await source.CancelAsync();

        Assert.Equal(1, (await shutdown).Dropped);
    }

    [Fact]
    public async Task Track_AfterShutdown_IsDroppedAsClosed()
    {
        await using var bench = new Bench();
        await bench.Client.ShutdownAsync();

        var id = bench.Track();
        var drop = await bench.DropAsync();

        Assert.Equal((id, DropReason.Closed), (drop.EventId, drop.Reason));
        Assert.Equal(0, (await bench.Client.FlushAsync()).Remaining);
    }

    [Fact]
    public async Task Shutdown_HandlerIgnoresCancellation_DoesNotHang()
    {
        var handler = new StubbornHandler();
        using var http = new HttpClient(handler);
        var client = new SegOpsClient(new SegOpsOptions { ApiKey = "sk_test_key", FlushAt = 1 }, http, timeProvider: new TestClock());
        using var source = new CancellationTokenSource();

        client.Track("user", "a");
        await handler.Called.WaitAsync(Guard.Token);
        await source.CancelAsync();

        Assert.Equal(1, (await client.ShutdownAsync(cancellationToken: source.Token)).Dropped);
    }

    [Fact]
    public void Dispose_UnusedClient_Ends() => new SegOpsClient(new SegOpsOptions { ApiKey = "sk_test_key" }).Dispose();

    private sealed class StubbornHandler : HttpMessageHandler
    {
        private readonly TaskCompletionSource _called = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Called => _called.Task;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            _called.TrySetResult();
            return new TaskCompletionSource<HttpResponseMessage>().Task;
        }
    }
}

using System.Threading.Channels;
using Microsoft.Extensions.Logging.Testing;

namespace SegOps.Client.Tests.Fixtures;

/// <summary>A client with a clock that stands still, a scripted server and callbacks that can be awaited.</summary>
internal sealed class Bench : IAsyncDisposable
{
    /// <summary>Unlike every other time, so that the timers of requests and flushes differ from the sender's waits.</summary>
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(14.5);
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(9.5);

    private readonly Channel<EventDrop> _drops = Channel.CreateUnbounded<EventDrop>();
    private readonly Channel<ClientError> _errors = Channel.CreateUnbounded<ClientError>();
    private readonly Channel<EventWarning> _warnings = Channel.CreateUnbounded<EventWarning>();

    /// <summary>Every event is sent at once, and every wait after a failure is the longest, unless the test says otherwise.</summary>
    public Bench(Action<SegOpsOptions>? configure = null, double random = 1)
    {
        var options = new SegOpsOptions
        {
            ApiUrl = new Uri("https://segops.test"),
            ApiKey = "sk_test_key",
            FlushAt = 1,
            RequestTimeout = RequestTimeout,
            ShutdownTimeout = ShutdownTimeout,
            OnDrop = drop => _drops.Writer.TryWrite(drop),
            OnError = error => _errors.Writer.TryWrite(error),
            OnWarning = warning => _warnings.Writer.TryWrite(warning),
        };
        configure?.Invoke(options);
        var http = new HttpClient(Server) { Timeout = Timeout.InfiniteTimeSpan };
        Client = new SegOpsClient(options, () => http, Logger, Clock, meters: null, () => random);
    }

    public TestClock Clock { get; } = new();

    public ScriptedHandler Server { get; } = new();

    public FakeLogger<SegOpsClient> Logger { get; } = new();

    public SegOpsClient Client { get; }

    public bool HasError => _errors.Reader.TryPeek(out _);

    public Guid Track(string userId = "user-1") => Client.Track(userId, "order_placed", new Dictionary<string, object?> { ["total"] = 89.95 });

    public Guid[] Track(int count) => [.. Enumerable.Range(0, count).Select(_ => Track())];

    public ValueTask<EventDrop> DropAsync() => _drops.Reader.ReadAsync(Guard.Token);

    public ValueTask<ClientError> ErrorAsync() => _errors.Reader.ReadAsync(Guard.Token);

    public ValueTask<EventWarning> WarningAsync() => _warnings.Reader.ReadAsync(Guard.Token);

    /// <summary>How long the sender waits now.</summary>
    public Task<TimeSpan> WaitAsync() => Clock.TimerAsync(timer => timer != RequestTimeout && timer != ShutdownTimeout);

    /// <summary>Lets the sender's wait pass.</summary>
    /// <returns>The request that follows.</returns>
    public async Task<(TimeSpan Wait, ScriptedRequest Request)> NextAfterWaitAsync()
    {
        var wait = await WaitAsync();
        Clock.Advance(wait);
        return (wait, await Server.NextAsync());
    }

    public void AssertConserved()
    {
        var stats = Client.GetStats();
        Assert.Equal(stats.Tracked, stats.Accepted + stats.Rejected + stats.Dropped + stats.Queued + stats.InFlight);
        Assert.Equal(stats.Dropped, stats.Drops.Values.Sum());
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await Client.ShutdownAsync(cancellationToken: now.Token);
        AssertConserved();
        Server.Dispose();
    }
}

using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using SegOps.Contracts;
using SegOps.Gateway.Telemetry;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Gateway.Limits;

public sealed class LimiterOutageTests : IAsyncLifetime
{
    private const int Limit = 3;
    private static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongAfterFresh = TimeSpan.FromHours(1);

    private readonly WatchedClock _clock = new();
    private OwnRedis _redis = null!;
    private UpstreamServer _upstream = null!;
    private GatewayUnderTest _gateway = null!;
    private MetricCollector<long> _calls = null!;
    private string _key = "";
    private string _project = "";

    /// <summary>Who counted each call so far.</summary>
    private IEnumerable<string> Sources => Tags("source");

    public async ValueTask InitializeAsync()
    {
        _redis = await OwnRedis.StartAsync();
        _upstream = await UpstreamServer.StartAsync();
        (_key, _project) = await KeyIssuer.IssueAsync(_redis.ConnectionString);
        _gateway = await GatewayUnderTest.StartAsync(
            _redis.ConnectionString, _upstream.Url, _clock, $"--Plans:Free:CallsPerMinute={Limit}",
            // By the clock of the test; Redis itself is given longer than the patience of those who wait for an answer.
            $"--Redis:Deadline={Budget}", "--Redis:CommandTimeout=00:00:50");
        _calls = new(_gateway.Services.GetRequiredService<IMeterFactory>(), GatewayTelemetry.MeterName, "segops.gateway.limited_calls");
    }

    [Fact]
    public async Task Calls_RedisStopped_AreLetThroughUpToTheLimitThoseBeforeIncluded()
    {
        var before = await StatusesAsync(1);

        await _redis.StopAsync();
        var after = await StatusesAsync(Limit + 1);

        Assert.Equal([HttpStatusCode.OK], before);
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests, HttpStatusCode.TooManyRequests], after);
    }

    [Theory]
    [InlineData(0, HttpStatusCode.OK)]
    [InlineData(1, HttpStatusCode.TooManyRequests)]
    public async Task Call_RedisStoppedAndAfterRetryAfter_IsLetThroughAndBeforeItIsNot(int secondsTooEarly, HttpStatusCode expected)
    {
        await StatusesAsync(1);
        await _redis.StopAsync();
        _clock.Advance(TimeSpan.FromSeconds(20));
        await StatusesAsync(Limit - 1);
        using var refused = await _gateway.SendAsync(_key);
        await GatewayUnderTest.AssertProblemAsync(HttpStatusCode.TooManyRequests, ErrorCodes.RateLimited, refused);
        var wait = refused.Headers.RetryAfter!.Delta!.Value;

        _clock.Advance(wait - TimeSpan.FromSeconds(secondsTooEarly));

        Assert.Equal(TimeSpan.FromSeconds(40), wait);
        Assert.Equal([expected], await StatusesAsync(1));
    }

    [Fact]
    public async Task Health_RedisStoppedAndStartedAgain_IsDegradedAndThenHealthy()
    {
        await _redis.StopAsync();
        await _gateway.WaitForRedisAsync("degraded").Patiently();

        await _redis.StartAgainAsync();
        await _gateway.WaitForRedisAsync("healthy").Patiently();
    }

    [Fact]
    public async Task Call_RedisStartedAgainWithoutItsScripts_IsCountedThereAgain()
    {
        await StatusesAsync(1);
        await _redis.StopAsync();
        await StatusesAsync(1);
        await _redis.StartAgainAsync();
        await _gateway.WaitForRedisAsync("healthy").Patiently();

        await StatusesAsync(1);

        Assert.Equal(["redis", "local", "redis"], Sources);
    }

    [Fact]
    public async Task Call_RedisForgotItsScripts_IsCountedThere()
    {
        await StatusesAsync(1);
        await _redis.ExecuteAsync("SCRIPT", "FLUSH");

        await StatusesAsync(1);

        Assert.Equal(["redis", "redis"], Sources);
        Assert.Equal(2, (int)await _redis.ExecuteAsync("LLEN", RedisKeys.Calls(_project, CallBuckets.Live)));
    }

    [Fact]
    public async Task Calls_RedisEmptied_GoOnInWindowsThatStartAnew()
    {
        await StatusesAsync(Limit);
        await _redis.ExecuteAsync("FLUSHALL");

        var after = await StatusesAsync(Limit + 1);

        Assert.Equal([.. Enumerable.Repeat(HttpStatusCode.OK, Limit), HttpStatusCode.TooManyRequests], after);
        Assert.All(Sources, source => Assert.Equal("redis", source));
    }

    [Fact]
    public async Task Call_RedisHangs_IsCountedHereOnceTheBudgetIsSpent()
    {
        await StatusesAsync(1);
        using var hanging = Hang();

        var call = StatusesAsync(1);
        await _clock.SomebodyWaitsAsync(Budget);
        _clock.Advance(Budget);

        Assert.Equal([HttpStatusCode.OK], await call.Patiently());
        Assert.Equal(["redis", "local"], Sources);
    }

    [Fact]
    public async Task Call_RedisHangsAndTheKeyMustBeLookedUpToo_WaitsForOneBudgetInAll()
    {
        await StatusesAsync(1);
        _clock.Advance(LongAfterFresh);
        using var hanging = Hang();

        var call = StatusesAsync(1);
        await _clock.SomebodyWaitsAsync(Budget);
        _clock.Advance(Budget); // and no further: a second wait would not end

        Assert.Equal([HttpStatusCode.OK], await call.Patiently());
    }

    [Fact]
    public async Task Call_WhileRedisHangsSinceAnEarlierOne_DoesNotWaitAtAll()
    {
        await StatusesAsync(1);
        using var hanging = Hang();
        var first = StatusesAsync(1);
        await _clock.SomebodyWaitsAsync(Budget);
        _clock.Advance(Budget);
        await first.Patiently();

        Assert.Equal([HttpStatusCode.OK], await StatusesAsync(1).Patiently()); // the clock stands still
    }

    [Fact]
    public async Task Call_MonthUsedUp_IsMeasuredAsQuotaExceeded()
    {
        var now = TimeProvider.System.GetUtcNow();
        foreach (var month in (DateTimeOffset[])[now, now.AddHours(1)]) // in case the next begins now
            await _redis.ExecuteAsync("HSET", RedisKeys.Usage(_project), $"{month:yyyy-MM}", "500000");

        await StatusesAsync(1);

        Assert.Equal([ErrorCodes.QuotaExceeded], Tags("outcome"));
    }

    [Fact]
    public async Task Calls_OverTheLimit_AreMeasuredAsAllowedAndRateLimited()
    {
        await StatusesAsync(Limit + 1);

        Assert.Equal([.. Enumerable.Repeat("allowed", Limit), ErrorCodes.RateLimited], Tags("outcome"));
    }

    public async ValueTask DisposeAsync()
    {
        _calls.Dispose();
        await _gateway.DisposeAsync();
        await _upstream.DisposeAsync();
        await _redis.DisposeAsync();
    }

    /// <summary>Lets Redis hang; who waits by the clock from then on waits for it.</summary>
    private IDisposable Hang()
    {
        _clock.Forget();
        return _redis.Hang();
    }

    private IEnumerable<string> Tags(string name) => _calls.GetMeasurementSnapshot().Select(measurement => (string)measurement.Tags[name]!);

    /// <summary>What calls one after the other are answered.</summary>
    private async Task<List<HttpStatusCode>> StatusesAsync(int calls)
    {
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < calls; i++)
        {
            using var answer = await _gateway.SendAsync(_key);
            statuses.Add(answer.StatusCode);
        }
        return statuses;
    }
}

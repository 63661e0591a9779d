using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using SegOps.Contracts;
using SegOps.Gateway.Keys;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Gateway;

public sealed class KeyStoreOutageTests
{
    private static readonly TimeSpan LongAfterFresh = TimeSpan.FromHours(1);

    [Fact]
    public async Task Request_KeySeenBeforeRedisWentAway_WorksFromMemory()
    {
        await using var redis = await OwnRedis.StartAsync();
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var (key, project) = await KeyIssuer.IssueAsync(redis.ConnectionString);
        await using var upstream = await UpstreamServer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(redis.ConnectionString, upstream.Url, clock);
        (await gateway.SendAsync(key)).Dispose();

        await redis.StopAsync();
        clock.Advance(LongAfterFresh);
        using var answer = await gateway.SendAsync(key);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(project, upstream.Requests.Last().Headers[InternalHeaders.Project]);
    }

    [Fact]
    public async Task Request_KeySeenAsRevokedBeforeRedisWentAway_StaysRefused()
    {
        await using var redis = await OwnRedis.StartAsync();
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var (key, _) = await KeyIssuer.IssueAsync(redis.ConnectionString);
        await KeyIssuer.RevokeAsync(redis.ConnectionString, key, clock.GetUtcNow());
        await using var upstream = await UpstreamServer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(redis.ConnectionString, upstream.Url, clock);
        (await gateway.SendAsync(key)).Dispose();

        await redis.StopAsync();
        clock.Advance(LongAfterFresh);
        using var answer = await gateway.SendAsync(key);

        await GatewayUnderTest.AssertProblemAsync(HttpStatusCode.Unauthorized, ErrorCodes.RevokedApiKey, answer);
    }

    [Fact(Timeout = 20_000)] // well below the 30 s that Redis itself is given
    public async Task Request_KeySeenBeforeRedisHangs_IsAnsweredFromMemoryAfterTheDeadline()
    {
        await using var redis = await OwnRedis.StartAsync();
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var (key, _) = await KeyIssuer.IssueAsync(redis.ConnectionString);
        await using var upstream = await UpstreamServer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(redis.ConnectionString, upstream.Url, clock, "--Redis:CommandTimeout=00:00:30");
        (await gateway.SendAsync(key)).Dispose();
        using var hanging = redis.Hang();

        clock.Advance(LongAfterFresh);
        using var answer = await SendUntilAnsweredAsync(gateway, key, clock, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Request_KeyNeverSeenWhileRedisIsAway_IsAuthenticationUnavailableWithRetryAfter()
    {
        await using var upstream = await UpstreamServer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, upstream.Url);

        using var answer = await gateway.SendAsync(ApiKey.Generate(Environments.Live));

        await GatewayUnderTest.AssertProblemAsync(HttpStatusCode.ServiceUnavailable, ErrorCodes.AuthenticationUnavailable, answer);
        Assert.Equal(TimeSpan.FromSeconds(1), answer.Headers.RetryAfter?.Delta);
        Assert.Empty(upstream.Requests);
    }

    [Fact]
    public async Task Request_KeyNeverSeenWhileRedisIsSlow_WaitsForTheLookup()
    {
        await using var redis = await OwnRedis.StartAsync();
        var clock = new WatchedClock();
        var (key, _) = await KeyIssuer.IssueAsync(redis.ConnectionString);
        await using var upstream = await UpstreamServer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(
            redis.ConnectionString, upstream.Url, clock, "--Redis:Deadline=00:00:00.05", "--Redis:LookupDeadline=00:00:01", "--Redis:CommandTimeout=00:00:30");
        clock.Forget();
        Task<HttpResponseMessage> call;
        using (redis.Hang())
        {
            call = gateway.SendAsync(key);
            await clock.SomebodyWaitsAsync(TimeSpan.FromSeconds(1));
            clock.Advance(TimeSpan.FromMilliseconds(900));
        }

        using var answer = await call.Patiently();

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Request_KeysNeverSeenWhileRedisHangs_TakeNoMemory()
    {
        await using var redis = await OwnRedis.StartAsync();
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var gateway = await GatewayUnderTest.StartAsync(redis.ConnectionString, Nowhere.Http, clock);
        using var hanging = redis.Hang();
        using var first = await SendUntilAnsweredAsync(gateway, ApiKey.Generate(Environments.Live), clock, TestContext.Current.CancellationToken);

        for (var i = 0; i < 5; i++)
        {
            using var answer = await gateway.SendAsync(ApiKey.Generate(Environments.Live));
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        }

        Assert.InRange(gateway.Services.GetRequiredService<KeyCache>().PendingLookups, 0, 1);
    }

    [Fact]
    public async Task Gateway_StartedWithoutRedis_IsDegradedAndRecoversWhenRedisComes()
    {
        await using var redis = await OwnRedis.StartAsync();
        var (key, _) = await KeyIssuer.IssueAsync(redis.ConnectionString);
        await redis.StopAsync();
        await using var upstream = await UpstreamServer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(redis.ConnectionString, upstream.Url);
        await gateway.WaitForRedisAsync("degraded");

        await redis.StartAgainAsync();
        await gateway.WaitForRedisAsync("healthy");
        using var answer = await gateway.SendAsync(key);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Health_RedisAway_StaysReadyForOrchestrators()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, "http://127.0.0.1:1");

        using var answer = await gateway.SendAsync(null, "/health");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    /// <summary>Sends a request and moves the clock until its deadline has passed.</summary>
    private static async Task<HttpResponseMessage> SendUntilAnsweredAsync(GatewayUnderTest gateway, string key, FakeTimeProvider clock, CancellationToken cancellationToken)
    {
        var call = gateway.SendAsync(key);
        while (!call.IsCompleted)
        {
            clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.WhenAny(call, Task.Delay(10, cancellationToken));
        }
        return await call;
    }
}

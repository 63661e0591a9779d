using System.Net;
using Microsoft.Extensions.Time.Testing;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Gateway;

public sealed class AuthenticationTests(RedisFixture redis)
{
    /// <summary>Nobody listens there: whatever needs Redis fails.</summary>

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("ApiKey")]
    [InlineData("ApiKeysk_live_abc")]
    public async Task Request_WithoutAKey_IsMissingApiKey(string? header)
    {
        await using var upstream = await UpstreamServer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, upstream.Url);

        using var answer = await gateway.SendAsync(null, change: request => request.Headers.TryAddWithoutValidation("Authorization", header));

        await AssertRefusedAsync(ErrorCodes.MissingApiKey, answer, upstream);
    }

    [Theory]
    [InlineData("sk_live_...")]
    [InlineData("sk_live_00000000000000000000000000000000000000")]
    [InlineData("sk_prod_00000000000000000000000000000000000000")]
    [InlineData("a b")]
    public async Task Request_MalformedKey_IsInvalidApiKeyWithoutAskingRedis(string key)
    {
        await using var upstream = await UpstreamServer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, upstream.Url);

        using var answer = await gateway.SendAsync(key);

        await AssertRefusedAsync(ErrorCodes.InvalidApiKey, answer, upstream);
    }

    [Fact]
    public async Task Request_TwoKeys_IsInvalidApiKey()
    {
        await using var upstream = await UpstreamServer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, upstream.Url);

        var key = ApiKey.Generate(Environments.Live);
        using var answer = await gateway.SendAsync(key, change: request => request.Headers.TryAddWithoutValidation("Authorization", "ApiKey " + key));

        await AssertRefusedAsync(ErrorCodes.InvalidApiKey, answer, upstream);
    }

    [Fact]
    public async Task Request_KeyThatNobodyIssued_IsInvalidApiKey()
    {
        await using var upstream = await UpstreamServer.StartAsync();
        var connection = await redis.ConnectionStringAsync();
        await KeyIssuer.IssueAsync(connection);
        await using var gateway = await GatewayUnderTest.StartAsync(connection, upstream.Url);

        using var answer = await gateway.SendAsync(ApiKey.Generate(Environments.Live));

        await AssertRefusedAsync(ErrorCodes.InvalidApiKey, answer, upstream);
    }

    [Theory]
    [InlineData("ApiKey")]
    [InlineData("apikey")]
    [InlineData("APIKEY ")]
    public async Task Request_IssuedKey_IsForwarded(string scheme)
    {
        var connection = await redis.ConnectionStringAsync();
        var (key, _) = await KeyIssuer.IssueAsync(connection);
        await using var upstream = await UpstreamServer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(connection, upstream.Url);

        using var answer = await gateway.SendAsync(null, change: request => request.Headers.TryAddWithoutValidation("Authorization", $"{scheme} {key}"));

        Assert.Equal("from upstream", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Request_RevokedKey_IsRevokedApiKey()
    {
        var connection = await redis.ConnectionStringAsync();
        var (key, _) = await KeyIssuer.IssueAsync(connection);
        await KeyIssuer.RevokeAsync(connection, key, TimeProvider.System.GetUtcNow());
        await using var upstream = await UpstreamServer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(connection, upstream.Url);

        using var answer = await gateway.SendAsync(key);

        await AssertRefusedAsync(ErrorCodes.RevokedApiKey, answer, upstream);
    }

    [Fact]
    public async Task Request_KeyRevokedAfterItWasSeen_IsRefusedOnceTheMemoryIsNoLongerFresh()
    {
        var connection = await redis.ConnectionStringAsync();
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var (key, _) = await KeyIssuer.IssueAsync(connection);
        await using var upstream = await UpstreamServer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(connection, upstream.Url, clock);
        using var before = await gateway.SendAsync(key);
        await KeyIssuer.RevokeAsync(connection, key, clock.GetUtcNow());

        using var within = await gateway.SendAsync(key);
        clock.Advance(TimeSpan.FromSeconds(1));
        using var after = await gateway.SendAsync(key);

        Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        Assert.Equal(HttpStatusCode.OK, within.StatusCode);
        await GatewayUnderTest.AssertProblemAsync(HttpStatusCode.Unauthorized, ErrorCodes.RevokedApiKey, after);
    }

    [Fact]
    public async Task Request_KeyRevoked_IsRefusedByEveryGatewayThatSawItOnceItsMemoryIsNoLongerFresh()
    {
        var connection = await redis.ConnectionStringAsync();
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var (key, _) = await KeyIssuer.IssueAsync(connection);
        await using var upstream = await UpstreamServer.StartAsync();
        await using var one = await GatewayUnderTest.StartAsync(connection, upstream.Url, clock);
        await using var other = await GatewayUnderTest.StartAsync(connection, upstream.Url, clock);
        foreach (var gateway in (GatewayUnderTest[])[one, other])
            (await gateway.SendAsync(key)).Dispose();
        Assert.Equal(2, upstream.Requests.Count);

        await KeyIssuer.RevokeAsync(connection, key, clock.GetUtcNow());
        clock.Advance(TimeSpan.FromSeconds(1));

        foreach (var gateway in (GatewayUnderTest[])[one, other])
        {
            using var answer = await gateway.SendAsync(key);
            await GatewayUnderTest.AssertProblemAsync(HttpStatusCode.Unauthorized, ErrorCodes.RevokedApiKey, answer);
        }
    }

    [Fact]
    public async Task Request_KeyWhoseRevocationLiesAhead_WorksUntilThen()
    {
        var connection = await redis.ConnectionStringAsync();
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var (key, _) = await KeyIssuer.IssueAsync(connection);
        await KeyIssuer.RevokeAsync(connection, key, clock.GetUtcNow().AddMilliseconds(500));
        await using var upstream = await UpstreamServer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(connection, upstream.Url, clock);

        using var before = await gateway.SendAsync(key);
        clock.Advance(TimeSpan.FromMilliseconds(501));
        using var after = await gateway.SendAsync(key);

        Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, after.StatusCode);
    }

    [Fact]
    public async Task Request_KeyDeletedAfterItWasSeen_IsInvalidApiKey()
    {
        var connection = await redis.ConnectionStringAsync();
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var (key, _) = await KeyIssuer.IssueAsync(connection);
        await using var upstream = await UpstreamServer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(connection, upstream.Url, clock);
        (await gateway.SendAsync(key)).Dispose();
        await KeyIssuer.DeleteAsync(connection, key);
        clock.Advance(TimeSpan.FromSeconds(1));

        using var answer = await gateway.SendAsync(key);

        await GatewayUnderTest.AssertProblemAsync(HttpStatusCode.Unauthorized, ErrorCodes.InvalidApiKey, answer);
    }

    private static async Task AssertRefusedAsync(string code, HttpResponseMessage answer, UpstreamServer upstream)
    {
        var problem = await GatewayUnderTest.AssertProblemAsync(HttpStatusCode.Unauthorized, code, answer);
        Assert.NotEmpty(problem.GetProperty("detail").GetString()!);
        Assert.Equal("ApiKey realm=\"SegOps\"", answer.Headers.WwwAuthenticate.Single().ToString());
        Assert.Empty(upstream.Requests);
    }
}

using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Gateway.Admin;

public sealed class AdminAuthenticationTests(RedisFixture redis)
{
    private const string WrongToken = "a-wrong-token-of-more-than-32-characters";

    [Theory]
    [InlineData("GET", "/api/admin/projects")]
    [InlineData("POST", "/api/admin/projects")]
    [InlineData("GET", "/api/admin/projects/prj_1/keys")]
    [InlineData("DELETE", "/api/admin/projects/prj_1/keys/key_1")]
    [InlineData("GET", "/api/admin")]
    public async Task Request_NoTokenConfigured_IsNotFound(string method, string path)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(await redis.ConnectionStringAsync(), "http://127.0.0.1:1");

        using var answer = await gateway.SendAsync(null, path, new HttpMethod(method),
            request => request.Headers.TryAddWithoutValidation("Authorization", "Bearer "));

        await GatewayUnderTest.AssertProblemAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound, answer);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(WrongToken)]
    [InlineData("")]
    [InlineData(AdminUnderTest.Token + "x")]
    public async Task Request_WithoutTheToken_IsUnauthorized(string? token)
    {
        await using var admin = await AdminUnderTest.StartAsync(await redis.ConnectionStringAsync());

        using var answer = await admin.SendAsync(HttpMethod.Get, AdminUnderTest.Projects, token: token);

        await GatewayUnderTest.AssertProblemAsync(HttpStatusCode.Unauthorized, ErrorCodes.InvalidAdminToken, answer);
        Assert.Equal("Bearer realm=\"SegOps admin\"", answer.Headers.WwwAuthenticate.ToString());
    }

    [Fact]
    public async Task Request_WithAnApiKey_IsUnauthorized()
    {
        await using var admin = await AdminUnderTest.StartAsync(await redis.ConnectionStringAsync());
        var (_, key) = await admin.CreateKeyAsync(await admin.CreateProjectAsync());

        using var answer = await admin.Gateway.SendAsync(key, AdminUnderTest.Projects);

        await GatewayUnderTest.AssertProblemAsync(HttpStatusCode.Unauthorized, ErrorCodes.InvalidAdminToken, answer);
    }

    [Fact]
    public async Task Request_WrongTokenAfterFiveWrongOnes_WaitsForTheMinute()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var admin = await AdminUnderTest.StartAsync(await redis.ConnectionStringAsync(), clock);
        for (var guess = 0; guess < 5; guess++)
            (await admin.SendAsync(HttpMethod.Get, AdminUnderTest.Projects, token: WrongToken)).Dispose();

        using var early = await admin.SendAsync(HttpMethod.Get, AdminUnderTest.Projects, token: WrongToken);
        await GatewayUnderTest.AssertProblemAsync(HttpStatusCode.TooManyRequests, ErrorCodes.TooManyFailures, early);
        clock.Advance(early.Headers.RetryAfter!.Delta!.Value);
        using var later = await admin.SendAsync(HttpMethod.Get, AdminUnderTest.Projects, token: WrongToken);

        Assert.Equal(HttpStatusCode.Unauthorized, later.StatusCode);
    }

    [Fact]
    public async Task Request_RightTokenFromAnAddressWithTooManyWrongOnes_IsLetIn()
    {
        await using var admin = await AdminUnderTest.StartAsync(await redis.ConnectionStringAsync());
        for (var guess = 0; guess < 6; guess++)
            (await admin.SendAsync(HttpMethod.Get, AdminUnderTest.Projects, token: WrongToken)).Dispose();

        await admin.DoneAsync(HttpStatusCode.OK, HttpMethod.Get, AdminUnderTest.Projects);
    }

    [Fact]
    public async Task Request_MoreThanTheCallsAMinute_IsRateLimited()
    {
        await using var admin = await AdminUnderTest.StartAsync(await redis.ConnectionStringAsync(), null, "--Admin:CallsPerMinute=2");
        for (var call = 0; call < 2; call++)
            await admin.DoneAsync(HttpStatusCode.OK, HttpMethod.Get, AdminUnderTest.Projects);

        await admin.RefusedAsync(HttpStatusCode.TooManyRequests, ErrorCodes.RateLimited, HttpMethod.Get, AdminUnderTest.Projects);
    }

    [Fact]
    public async Task Start_TokenTooShort_IsNamedAsAFault()
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(async () =>
            await GatewayUnderTest.StartAsync(Nowhere.Redis, "http://127.0.0.1:1", null, "--Admin:Token=short"));

        Assert.Contains("Admin:Token must have at least 32 characters", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Log_OfEveryAdminOperation_HoldsNoSecret()
    {
        var log = new FakeLogCollector();
        await using var upstream = await UpstreamServer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartWithAsync(
            await redis.ConnectionStringAsync(), upstream.Url,
            builder => builder.Logging.SetMinimumLevel(LogLevel.Trace).AddProvider(new FakeLoggerProvider(log)),
            "--Admin:Token=" + AdminUnderTest.Token, "--Logging:LogLevel:Default=Trace");
        var texts = new List<string> { AdminUnderTest.Token, WrongToken };

        using var admin = new AdminApi(gateway.Url, AdminUnderTest.Token);
        var project = await admin.CreateProjectAsync("""{"name":"Acme"}""");
        var key = await admin.CreateKeyAsync(project);
        (await gateway.SendAsync(key)).Dispose();
        await admin.RevokeAllAsync(project);
        (await gateway.SendAsync(null, AdminUnderTest.Projects, null, request => request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + WrongToken))).Dispose();
        Assert.True(ApiKey.TryParse(key, out var parsed));
        texts.AddRange([key, key[12..], parsed.Hash]);

        var lines = log.GetSnapshot().Select(entry => $"{entry.Message} {entry.Exception} {string.Join(' ', entry.Scopes)}").ToList();
        Assert.Contains(lines, line => line.Contains("key created", StringComparison.Ordinal) && line.Contains(project, StringComparison.Ordinal));
        Assert.All(texts, text => Assert.DoesNotContain(lines, line => line.Contains(text, StringComparison.Ordinal)));
    }
}

using System.Net;
using Microsoft.AspNetCore.Http;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;
using SegOps.Tests.Integration.Gateway.Admin;
using SegOps.Tests.Integration.Gateway.Limits;
using SegOps.Tests.Integration.Gateway.Security;

namespace SegOps.Tests.Integration.Gateway;

/// <summary>What scripts of other origins can call, and which answers they can read.</summary>
public sealed class CrossOriginTests(RedisFixture redis)
{
    private const string Origin = "https://shop.example";
    private const string TrackPath = "/api/ingestion/track";

    [Theory]
    [InlineData(TrackPath)]
    [InlineData("/api/ingestion/track/")]
    [InlineData("/api/ingestion/track/batch/?key=pk_live_k")]
    [InlineData("/api/ingestion/events/0190163d-8694-739b-aea5-966c26f8ad91")]
    [InlineData("/api/monitoring/events")]
    public async Task Preflight_OfAnApiRoute_IsAllowedWithoutAKey(string path)
    {
        await using var upstream = await UpstreamServer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, upstream.Url);

        using var answer = await PreflightAsync(gateway, path);

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal(Origin, Header(answer, "Access-Control-Allow-Origin"));
        Assert.Empty(upstream.Requests);
    }

    [Fact]
    public async Task Preflight_Answer_ListsWhatClientsSendForADay()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, Nowhere.Http);

        using var answer = await PreflightAsync(gateway, TrackPath);

        Assert.Equal(["DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"], List(answer, "Access-Control-Allow-Methods"));
        Assert.Equal(
            ["Authorization", "Content-Encoding", "Content-Type", "If-Match", "Prefer", "X-Api-Key", "baggage", "traceparent", "tracestate"],
            List(answer, "Access-Control-Allow-Headers"));
        Assert.Equal("86400", Header(answer, "Access-Control-Max-Age"));
        Assert.Equal("Origin", Header(answer, "Vary"));
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Credentials"));
    }

    [Fact]
    public async Task Preflight_AgainAndAgain_IsNoFailedAuthentication()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, Nowhere.Http, null, "--KeyStore:FailuresPerMinute=1");
        for (var i = 0; i < 3; i++)
            (await PreflightAsync(gateway, TrackPath)).Dispose();

        using var answer = await gateway.SendAsync(null);

        await GatewayUnderTest.AssertProblemAsync(HttpStatusCode.Unauthorized, ErrorCodes.MissingApiKey, answer);
    }

    [Fact]
    public async Task Preflight_AgainAndAgain_TakesNoCallOfAnyKey()
    {
        await using var test = await LimitedProject.StartAsync(await redis.ConnectionStringAsync(), null, "--Plans:Free:CallsPerMinute=1");
        for (var i = 0; i < 3; i++)
            (await PreflightAsync(test.Gateway, TrackPath, request => request.Headers.TryAddWithoutValidation("Authorization", "ApiKey " + test.Key))).Dispose();

        using var answer = await test.Gateway.SendAsync(test.Key);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("/api/admin/projects")]
    [InlineData("/api/admin/projects/p/keys/k")]
    [InlineData("/api/unknown")]
    [InlineData("/")]
    [InlineData("/assets/page.js")]
    [InlineData("/docs")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/health")]
    [InlineData("/alive")]
    public async Task Preflight_OfAnotherRoute_AllowsNothing(string path)
    {
        await using var test = await AdminUnderTest.StartAsync(Nowhere.Redis);

        using var answer = await PreflightAsync(test.Gateway, path);

        Assert.DoesNotContain(answer.Headers, header => header.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("/api/admin/projects")]
    [InlineData("/")]
    [InlineData("/openapi/v1.json")]
    public async Task Answer_OfAnotherRoute_CannotBeRead(string path)
    {
        await using var test = await AdminUnderTest.StartAsync(Nowhere.Redis);

        using var answer = await test.Gateway.SendAsync(null, path, change: FromOrigin);

        Assert.DoesNotContain(answer.Headers, header => header.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData(StatusCodes.Status202Accepted)]
    [InlineData(StatusCodes.Status400BadRequest)]
    [InlineData(StatusCodes.Status403Forbidden)]
    [InlineData(StatusCodes.Status413PayloadTooLarge)]
    [InlineData(StatusCodes.Status503ServiceUnavailable)]
    public async Task Answer_OfAService_CanBeRead(int status)
    {
        await using var test = await LimitedProject.StartAsync(await redis.ConnectionStringAsync(), context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Vary = "Accept-Encoding";
            return Task.CompletedTask;
        });

        using var answer = await test.Gateway.SendAsync(test.Key, change: FromOrigin);

        Assert.Equal(status, (int)answer.StatusCode);
        AssertReadable(answer);
        Assert.Contains("Accept-Encoding", List(answer, "Vary"));
    }

    [Fact]
    public async Task Answer_WithoutAKey_CanBeRead()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, Nowhere.Http, null, "--KeyStore:FailuresPerMinute=1");

        using var refused = await gateway.SendAsync(null, change: FromOrigin);
        using var tooMany = await gateway.SendAsync(null, change: FromOrigin);

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.TooManyRequests), (refused.StatusCode, tooMany.StatusCode));
        AssertReadable(refused);
        AssertReadable(tooMany);
    }

    [Fact]
    public async Task Answer_RateLimited_CanBeRead()
    {
        await using var test = await LimitedProject.StartAsync(await redis.ConnectionStringAsync(), null, "--Plans:Free:CallsPerMinute=1");
        (await test.Gateway.SendAsync(test.Key)).Dispose();

        using var answer = await test.Gateway.SendAsync(test.Key, change: FromOrigin);

        Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
        AssertReadable(answer);
    }

    [Fact]
    public async Task Answer_QuotaExceeded_CanBeRead()
    {
        await using var test = await LimitedProject.StartAsync(await redis.ConnectionStringAsync(), null);
        await test.UseMonthAsync(500_000);

        using var answer = await test.Gateway.SendAsync(test.Key, change: FromOrigin);

        Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
        AssertReadable(answer);
    }

    [Fact]
    public async Task Answer_ServiceAway_CanBeRead()
    {
        var connection = await redis.ConnectionStringAsync();
        var (key, _) = await KeyIssuer.IssueAsync(connection);
        await using var gateway = await GatewayUnderTest.StartAsync(connection, Nowhere.Http);

        using var answer = await gateway.SendAsync(key, change: FromOrigin);

        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        AssertReadable(answer);
    }

    [Fact]
    public async Task Answer_RedisAway_CanBeRead()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, Nowhere.Http);

        using var answer = await gateway.SendAsync(ApiKey.Generate(Environments.Live), change: FromOrigin);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        AssertReadable(answer);
    }

    [Theory]
    [InlineData("Content-Length: 20000000", "", "413")]
    [InlineData("Transfer-Encoding: chunked", "zz\r\n", "400")]
    public async Task Answer_BodyRefusedByTheServer_CanBeRead(string framing, string body, string status)
    {
        var connection = await redis.ConnectionStringAsync();
        var (key, _) = await KeyIssuer.IssueAsync(connection);
        await using var upstream = await UpstreamServer.StartAsync(context => context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted));
        await using var gateway = await GatewayUnderTest.StartAsync(connection, upstream.Url);

        var answer = await Wire.ExchangeAsync(
            gateway.Url,
            $"POST {TrackPath} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nOrigin: {Origin}\r\nAuthorization: ApiKey {key}\r\n{framing}\r\n\r\n{body}");

        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Contains($"\r\nAccess-Control-Allow-Origin: {Origin}\r\n", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("null")] // a sandboxed frame, a file
    [InlineData("capacitor://localhost")]
    [InlineData("http://localhost:3000")]
    public async Task Answer_ToAnyOrigin_RepeatsIt(string origin)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, Nowhere.Http);

        using var answer = await gateway.SendAsync(null, change: request => request.Headers.TryAddWithoutValidation("Origin", origin));

        Assert.Equal(origin, Header(answer, "Access-Control-Allow-Origin"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("https://\u00e9.example")]
    [InlineData("https://a.example https://b.example")]
    [InlineData("https://a.example\u0001")]
    public async Task Request_WhoseOriginIsNone_IsAnsweredAsWithoutOne(string origin)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, Nowhere.Http);

        var answer = await Wire.ExchangeAsync(gateway.Url, $"POST {TrackPath} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nOrigin: {origin}\r\nContent-Length: 0\r\n\r\n");

        Assert.DoesNotContain("Access-Control-Allow-Origin", answer, StringComparison.OrdinalIgnoreCase);
        Assert.Matches("^HTTP/1.1 (401|400) ", answer);
    }

    [Fact]
    public async Task Answer_WithoutAnOrigin_SaysNothingOfOrigins()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, Nowhere.Http);

        using var answer = await gateway.SendAsync(null);

        Assert.DoesNotContain(answer.Headers, header => header.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
    }

    private static Task<HttpResponseMessage> PreflightAsync(GatewayUnderTest gateway, string path, Action<HttpRequestMessage>? change = null) =>
        gateway.SendAsync(null, path, HttpMethod.Options, request =>
        {
            FromOrigin(request);
            request.Headers.TryAddWithoutValidation("Access-Control-Request-Method", "POST");
            request.Headers.TryAddWithoutValidation("Access-Control-Request-Headers", "authorization,content-type");
            change?.Invoke(request);
        });

    private static void FromOrigin(HttpRequestMessage request) => request.Headers.TryAddWithoutValidation("Origin", Origin);

    private static void AssertReadable(HttpResponseMessage answer)
    {
        Assert.Equal(Origin, Header(answer, "Access-Control-Allow-Origin"));
        Assert.Equal(
            ["ETag", "Location", "Preference-Applied", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Trace-Id"], List(answer, "Access-Control-Expose-Headers"));
        Assert.Contains("Origin", List(answer, "Vary"));
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Credentials"));
    }

    private static string Header(HttpResponseMessage answer, string name) => string.Join(',', answer.Headers.GetValues(name));

    private static IEnumerable<string> List(HttpResponseMessage answer, string name) =>
        Header(answer, name).Split(',', StringSplitOptions.TrimEntries).Order(StringComparer.Ordinal);
}

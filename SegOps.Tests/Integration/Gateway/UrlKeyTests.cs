using System.Net;
using System.Text;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;
using SegOps.Tests.Integration.Gateway.Admin;
using SegOps.Tests.Integration.Ingestion;

namespace SegOps.Tests.Integration.Gateway;

/// <summary>Keys in URLs: publishable ones, as navigator.sendBeacon has to send them, and secret ones, which must not be there.</summary>
public sealed class UrlKeyTests(RedisFixture redis, PubSubEmulatorFixture emulator)
{
    private const string Path = "/api/ingestion/track";
    private const string Event = """{"user_id":"u","event_type":"page_left"}""";
    private const string BeaconsType = "text/plain;charset=UTF-8";

    [Theory]
    [InlineData(BeaconsType, "application/json; charset=UTF-8")]
    [InlineData("text/plain", "application/json")]
    [InlineData("TEXT/PLAIN; charset=utf-16", "application/json; charset=utf-16")]
    [InlineData("application/json", "application/json")]
    [InlineData("application/x-www-form-urlencoded", "application/x-www-form-urlencoded")]
    public async Task Beacon_PublishableKeyInTheUrl_IsForwardedAsJsonWithoutIt(string sent, string forwarded)
    {
        var (key, gateway, upstream) = await StartAsync();
        await using var _ = upstream;
        await using var __ = gateway;

        using var answer = await PostAsync(gateway, $"{Path}?a=1%2B&key={key}&b=2", sent);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var request = upstream.Requests.Single();
        Assert.Equal($"{Path}?a=1%2B&b=2", request.Target);
        Assert.Equal(forwarded, request.Headers["Content-Type"]);
        Assert.DoesNotContain(request.Headers.Values, value => value.Contains(key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Beacon_ThroughIngestion_IsAccepted()
    {
        var connection = await redis.ConnectionStringAsync();
        var (key, project) = await KeyIssuer.IssuePublishableAsync(connection);
        await using var ingestion = await IngestionUnderTest.StartAsync(await emulator.NewProjectAsync());
        await using var gateway = await GatewayUnderTest.StartAsync(connection, ingestion.Client.BaseAddress!.ToString());

        await IngestionUnderTest.AssertAcceptedAsync(await PostAsync(gateway, $"{Path}?key={key}", BeaconsType));

        Assert.Equal([project], (await ingestion.NextEventsAsync()).Column(EventColumns.ProjectId));
    }

    [Fact]
    public async Task Beacon_KeyInAHeader_KeepsItsType()
    {
        var (key, gateway, upstream) = await StartAsync();
        await using var _ = upstream;
        await using var __ = gateway;

        (await PostAsync(gateway, Path, BeaconsType, request => request.Headers.TryAddWithoutValidation("Authorization", "ApiKey " + key))).Dispose();

        Assert.Equal(BeaconsType, upstream.Requests.Single().Headers["Content-Type"]);
    }

    [Theory]
    [InlineData("pk_live_k")]
    [InlineData("k")]
    public async Task Request_MalformedKeyInTheUrl_IsInvalidApiKey(string key)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, Nowhere.Http);

        using var answer = await PostAsync(gateway, $"{Path}?key={key}", BeaconsType);

        await GatewayUnderTest.AssertProblemAsync(HttpStatusCode.Unauthorized, ErrorCodes.InvalidApiKey, answer);
    }

    [Fact]
    public async Task Request_EmptyKeyInTheUrl_IsMissingApiKey()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, Nowhere.Http);

        using var answer = await PostAsync(gateway, Path + "?key=", BeaconsType);

        await GatewayUnderTest.AssertProblemAsync(HttpStatusCode.Unauthorized, ErrorCodes.MissingApiKey, answer);
    }

    [Theory]
    [InlineData(Path)]
    [InlineData("/api/monitoring/events")]
    [InlineData("/api/monitoring/live")]
    [InlineData("/api/admin/projects")]
    [InlineData("/api/unknown")]
    [InlineData("/")]
    [InlineData("/assets/page.js")]
    [InlineData("/docs")]
    [InlineData("/health")]
    public async Task Request_SecretKeyInTheUrl_IsRefusedOnEveryRouteAsLeaked(string path)
    {
        var connection = await redis.ConnectionStringAsync();
        var (key, _) = await KeyIssuer.IssueAsync(connection);
        await using var test = await AdminUnderTest.StartAsync(connection);

        using var answer = await test.Gateway.SendAsync(key, $"{path}?key={key}");

        var problem = await GatewayUnderTest.AssertProblemAsync(HttpStatusCode.BadRequest, ErrorCodes.SecretKeyInUrl, answer);
        Assert.Contains("Rotate it.", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("?key=sk_live_")]
    [InlineData("?KEY=sk_test_none")]
    [InlineData("?k%65y=%73k_live_none")]
    [InlineData("?key=pk_live_none&key=sk_live_none")]
    public async Task Request_WhatIsMeantAsSecretKeyInTheUrl_IsRefused(string query)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, Nowhere.Http);

        using var answer = await gateway.SendAsync(null, Path + query);

        await GatewayUnderTest.AssertProblemAsync(HttpStatusCode.BadRequest, ErrorCodes.SecretKeyInUrl, answer);
    }

    [Theory]
    [InlineData("api_key")]
    [InlineData("access_token")]
    public async Task Request_SecretKeyUnderAnotherName_IsRefused(string name)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, Nowhere.Http);

        using var answer = await gateway.SendAsync(null, $"{Path}?{name}={ApiKey.Generate(Environments.Test)}");

        await GatewayUnderTest.AssertProblemAsync(HttpStatusCode.BadRequest, ErrorCodes.SecretKeyInUrl, answer);
    }

    [Fact]
    public async Task Request_SecretKeyInTheUrlOfAPage_CanBeReadByIt()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, Nowhere.Http);

        using var answer = await PostAsync(
            gateway, Path + "?key=sk_live_none", BeaconsType, request => request.Headers.TryAddWithoutValidation("Origin", "https://shop.example"));

        Assert.Equal("https://shop.example", answer.Headers.GetValues("Access-Control-Allow-Origin").Single());
    }

    private async Task<(string Key, GatewayUnderTest Gateway, UpstreamServer Upstream)> StartAsync()
    {
        var connection = await redis.ConnectionStringAsync();
        var (key, _) = await KeyIssuer.IssuePublishableAsync(connection);
        var upstream = await UpstreamServer.StartAsync();
        return (key, await GatewayUnderTest.StartAsync(connection, upstream.Url), upstream);
    }

    private static Task<HttpResponseMessage> PostAsync(GatewayUnderTest gateway, string path, string type, Action<HttpRequestMessage>? change = null) =>
        gateway.SendAsync(null, path, HttpMethod.Post, request =>
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(Event));
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
            change?.Invoke(request);
        });
}

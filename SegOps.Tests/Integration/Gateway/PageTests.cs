using System.Net;
using Microsoft.AspNetCore.Http;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Gateway;

/// <summary>The pages of Monitoring and Segments, which the gateway passes through to everybody.</summary>
public sealed class PageTests
{
    private const string Policy = "default-src 'none'";

    [Theory]
    [InlineData("/")]
    [InlineData("/?window=7d")]
    [InlineData("/assets/page.js")]
    [InlineData("/assets/charts/uplot.js?v=1")]
    [InlineData("/segments")]
    [InlineData("/segments/assets/main.js")]
    public async Task Get_WithoutAKeyAndWithRedisAway_IsForwardedUnchanged(string path)
    {
        await using var upstream = await UpstreamServer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, upstream.Url);

        using var answer = await gateway.SendAsync(null, path);

        Assert.Equal("from upstream", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(path, upstream.Requests.Single().Target);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/assets/page.js")]
    public async Task Head_IsForwarded(string path)
    {
        await using var upstream = await UpstreamServer.StartAsync(static context =>
        {
            context.Response.Headers["X-Method"] = context.Request.Method;
            return Task.CompletedTask;
        });
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, upstream.Url);

        using var answer = await gateway.SendAsync(null, path, HttpMethod.Head);

        Assert.Equal("HEAD", answer.Headers.GetValues("X-Method").Single());
    }

    [Fact]
    public async Task Get_GoesToMonitoring()
    {
        await using var ingestion = await UpstreamServer.StartAsync();
        await using var monitoring = await UpstreamServer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, ingestion.Url, null, $"--services:monitoring:http:0={monitoring.Url}");

        (await gateway.SendAsync(null, "/")).Dispose();

        Assert.Single(monitoring.Requests);
        Assert.Empty(ingestion.Requests);
    }

    [Theory]
    [InlineData("/segments")]
    [InlineData("/segments/")]
    [InlineData("/segments/assets/main.js")]
    public async Task Get_PageOfSegments_GoesToSegments(string path)
    {
        await using var others = await UpstreamServer.StartAsync();
        await using var segments = await UpstreamServer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, others.Url, null, $"--services:segments:http:0={segments.Url}");

        (await gateway.SendAsync(null, path)).Dispose();

        Assert.Single(segments.Requests);
        Assert.Empty(others.Requests);
    }

    [Fact]
    public async Task Answer_KeepsMonitoringsSecurityHeadersAndSaysItsTrace()
    {
        await using var upstream = await UpstreamServer.StartAsync(static context =>
        {
            context.Response.Headers.ContentSecurityPolicy = Policy;
            context.Response.Headers.XContentTypeOptions = "nosniff";
            context.Response.Headers["Referrer-Policy"] = "no-referrer";
            return context.Response.WriteAsync("page");
        });
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, upstream.Url);

        using var answer = await gateway.SendAsync(null, "/");

        Assert.Equal(Policy, answer.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("no-referrer", answer.Headers.GetValues("Referrer-Policy").Single());
        Assert.Matches("^[0-9a-f]{32}$", answer.Headers.GetValues("X-Trace-Id").Single());
        Assert.False(answer.Headers.Contains("RateLimit"), "There is no limit to tell of.");
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/assets/page.js")]
    public async Task Get_MonitoringAway_IsBadGateway(string path)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, "http://127.0.0.1:1");

        using var answer = await gateway.SendAsync(null, path, change: static request => request.Headers.Accept.ParseAdd("text/html"));

        await GatewayUnderTest.AssertProblemAsync(HttpStatusCode.BadGateway, ErrorCodes.UpstreamUnavailable, answer);
    }

    [Theory]
    [InlineData("/docs")]
    [InlineData("/openapi/v1.json")]
    public async Task Get_OfTheReference_StaysTheGatewaysOwn(string path)
    {
        await using var upstream = await UpstreamServer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, upstream.Url);

        using var answer = await gateway.SendAsync(null, path);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Empty(upstream.Requests);
    }
}

using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using SegOps.Contracts;
using SegOps.Gateway.Telemetry;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Gateway.Security;

/// <summary>What strangers could try by the two routes that take no key.</summary>
public sealed class OpenRouteTests
{

    [Theory]
    [InlineData("X-SegOps-Project")]
    [InlineData("x-segops-environment")]
    [InlineData("X_SegOps_Secret")]
    [InlineData("Authorization")]
    [InlineData("x-api-key")]
    [InlineData("X_Api_Key")]
    [InlineData("Cookie")]
    [InlineData("Forwarded")]
    [InlineData("X-HTTP-Method-Override")]
    public async Task Header_ThatCouldClaimSomething_IsNotPassedOn(string name)
    {
        await using var upstream = await UpstreamServer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, upstream.Url);

        using var answer = await gateway.SendAsync(null, "/", change: request => request.Headers.TryAddWithoutValidation(name, "claimed"));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.DoesNotContain(upstream.Requests.Single().Headers, header => header.Value.Contains("claimed", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/assets/page.js")]
    public async Task Request_Forwarded_CarriesNothingThatOpensTheApiBehind(string path)
    {
        await using var upstream = await UpstreamServer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, upstream.Url);

        (await gateway.SendAsync(ApiKey.Generate(Environments.Live), path)).Dispose();

        Assert.DoesNotContain(upstream.Requests.Single().Headers.Keys, name => name.StartsWith(InternalHeaders.Prefix, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Request_WithAKey_IsNeitherLookedUpNorCounted()
    {
        await using var upstream = await UpstreamServer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, upstream.Url);
        var meters = gateway.Services.GetRequiredService<IMeterFactory>();
        using var lookups = new MetricCollector<long>(meters, GatewayTelemetry.MeterName, "segops.gateway.key_lookups");
        using var authentications = new MetricCollector<long>(meters, GatewayTelemetry.MeterName, "segops.gateway.authentications");
        using var decisions = new MetricCollector<long>(meters, GatewayTelemetry.MeterName, "segops.gateway.limited_calls");

        (await gateway.SendAsync(ApiKey.Generate(Environments.Live), "/")).Dispose();
        (await gateway.SendAsync("malformed", "/assets/page.js")).Dispose();

        Assert.Empty(lookups.GetMeasurementSnapshot());
        Assert.Empty(authentications.GetMeasurementSnapshot());
        Assert.Empty(decisions.GetMeasurementSnapshot());
    }

    [Fact]
    public async Task Request_WithABadKeyAgainAndAgain_DoesNotUseUpTheAddressesFailures()
    {
        await using var upstream = await UpstreamServer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, upstream.Url, null, "--KeyStore:FailuresPerMinute=1");
        for (var i = 0; i < 3; i++)
            (await gateway.SendAsync("malformed", "/")).Dispose();

        using var answer = await gateway.SendAsync(null);

        await GatewayUnderTest.AssertProblemAsync(HttpStatusCode.Unauthorized, ErrorCodes.MissingApiKey, answer);
    }

    [Theory]
    [InlineData("/", "POST")]
    [InlineData("/", "PUT")]
    [InlineData("/", "DELETE")]
    [InlineData("/", "TRACE")]
    [InlineData("/", "OPTIONS")]
    [InlineData("/assets/page.js", "POST")]
    [InlineData("/assets/page.js", "OPTIONS")]
    public async Task Request_AnotherMethod_IsMethodNotAllowed(string path, string method)
    {
        await using var upstream = await UpstreamServer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, upstream.Url);

        using var answer = await gateway.SendAsync(null, path, new HttpMethod(method));

        await GatewayUnderTest.AssertProblemAsync(HttpStatusCode.MethodNotAllowed, ErrorCodes.MethodNotAllowed, answer);
        Assert.Equal(["GET", "HEAD"], answer.Content.Headers.Allow.Order(StringComparer.Ordinal));
        Assert.Empty(upstream.Requests);
    }

    [Fact]
    public async Task Request_CorsPreflight_IsMethodNotAllowed()
    {
        await using var upstream = await UpstreamServer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, upstream.Url);

        using var answer = await gateway.SendAsync(null, "/", HttpMethod.Options, static request =>
        {
            request.Headers.TryAddWithoutValidation("Origin", "https://elsewhere.example");
            request.Headers.TryAddWithoutValidation("Access-Control-Request-Method", "GET");
        });

        await GatewayUnderTest.AssertProblemAsync(HttpStatusCode.MethodNotAllowed, ErrorCodes.MethodNotAllowed, answer);
        Assert.Empty(upstream.Requests);
    }

    [Theory]
    [InlineData("/assets/../health")]
    [InlineData("/assets/../api/monitoring/events")]
    [InlineData("/assets/%2e%2e/api/monitoring/events")]
    [InlineData("/assets/..%2fapi%2fmonitoring%2fevents")]
    [InlineData("/assets/%252e%252e/%252e%252e/health")]
    [InlineData("/assets/..%252fhealth")]
    [InlineData("/assets/..\\..\\health")]
    [InlineData("/assets/..%5chealth")]
    [InlineData("/assets/..;/health")]
    [InlineData("/assets/%c0%ae%c0%ae/health")]
    [InlineData("/./../alive")]
    [InlineData("//")]
    [InlineData("//health")]
    [InlineData("/assetsx")]
    [InlineData("/segmentsx")]
    [InlineData("/segments/other")]
    [InlineData("/segments/assets/../../api/segments")]
    [InlineData("/segments/assets/%2e%2e/%2e%2e/health")]
    [InlineData("/index.html")]
    [InlineData("http://elsewhere/")]
    [InlineData("http://elsewhere/assets/page.js")]
    public async Task Path_ThatLeavesThePage_NeverReachesMonitoring(string target)
    {
        await using var upstream = await UpstreamServer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, upstream.Url);

        var answer = await Wire.ExchangeAsync(gateway.Url, $"GET {target} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 ", answer, StringComparison.Ordinal);
        Assert.Empty(upstream.Requests);
    }

    [Theory]
    [InlineData("/api/monitoring/health")]
    [InlineData("/api/monitoring/live")]
    [InlineData("/api/segments")]
    [InlineData("/api/segments/preview")]
    [InlineData("/segments/assets/../../api/segments/x/members")]
    [InlineData("/API/Monitoring/events")]
    [InlineData("/assets/../api/monitoring/volume")]
    public async Task Api_WithoutAKey_StaysClosed(string target)
    {
        await using var upstream = await UpstreamServer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, upstream.Url);

        var answer = await Wire.ExchangeAsync(gateway.Url, $"GET {target} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 401 ", answer, StringComparison.Ordinal);
        Assert.Empty(upstream.Requests);
    }
}

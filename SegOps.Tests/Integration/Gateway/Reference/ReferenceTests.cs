using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using SegOps.Tests.Unit.Docs;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Gateway.Reference;

public sealed class ReferenceTests
{

    [Theory]
    [InlineData("/openapi/v1.json", "application/json")]
    [InlineData("/docs", "text/html")]
    [InlineData("/docs/", "text/html")]
    [InlineData("/docs/page.js", "text/javascript")]
    [InlineData("/docs/scalar.js", "text/javascript")]
    public async Task Get_WithoutAKeyAndWithRedisAway_IsServed(string path, string type)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, Nowhere.Http);

        using var answer = await gateway.SendAsync(null, path);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(type, answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.NotEmpty(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Document_Served_IsTheOneThatTheseTestsRead()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, Nowhere.Http);

        Assert.Equal(ApiDescription.Text, await gateway.Client.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("/openapi/v1.json")]
    [InlineData("/docs")]
    public async Task Head_OfAFile_HasItsHeadersAndNoBody(string path)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, Nowhere.Http);

        using var answer = await gateway.SendAsync(null, path, HttpMethod.Head);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.NotNull(answer.Headers.ETag);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("/openapi/v1.json", "gzip")]
    [InlineData("/openapi/v1.json", "identity")]
    [InlineData("/docs/scalar.js", "gzip")]
    public async Task Get_OfWhatTheClientHas_Is304(string path, string encoding)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, Nowhere.Http);
        using var first = await gateway.SendAsync(null, path, change: Accepting);

        using var second = await gateway.SendAsync(null, path, change: request =>
        {
            Accepting(request);
            request.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        });

        Assert.Equal(encoding == "gzip" ? ["gzip"] : [], first.Content.Headers.ContentEncoding);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);

        void Accepting(HttpRequestMessage request) => request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue(encoding));
    }

    [Fact]
    public async Task Page_Served_MayRunNothingButItsOwnScriptsAndCallNobodyElse()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, Nowhere.Http);

        using var answer = await gateway.SendAsync(null, "/docs");

        var policy = answer.Headers.GetValues("Content-Security-Policy").Single().Split("; ");
        Assert.Superset(
            new HashSet<string> { "default-src 'none'", "script-src 'self'", "connect-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'" },
            policy.ToHashSet());
        Assert.Equal("no-referrer", answer.Headers.GetValues("Referrer-Policy").Single());
        Assert.Equal("</openapi/v1.json>; rel=\"service-desc\"", answer.Headers.GetValues("Link").Single());
    }

    [Fact]
    public async Task Page_Served_LoadsFromItsOwnOriginOnly()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, Nowhere.Http);
        var page = await gateway.Client.GetStringAsync(new Uri("/docs", UriKind.Relative), TestContext.Current.CancellationToken);

        var addresses = Regex.Matches(page, """(?:src|href)="([^"]+)["]""").Select(match => match.Groups[1].Value).ToList();

        Assert.Contains("/docs/scalar.js", addresses);
        Assert.All(addresses, address => Assert.Matches("^(/[^/]|data:)", address));
        Assert.DoesNotContain("<script>", page, StringComparison.Ordinal);
        var start = await gateway.Client.GetStringAsync(new Uri("/docs/page.js", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.DoesNotContain("//", start.Replace("// ", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("withDefaultFonts: false")]
    [InlineData("telemetry: false")]
    [InlineData("persistAuth: false")]
    [InlineData("agent: { disabled: true }")]
    [InlineData("mcp: { disabled: true }")]
    public async Task Page_OfScalarsOwnFeatures_TurnsOff(string setting)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, Nowhere.Http);

        Assert.Contains(setting, await gateway.Client.GetStringAsync(new Uri("/docs/page.js", UriKind.Relative), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }
}

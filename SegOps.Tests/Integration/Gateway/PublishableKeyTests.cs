using System.Net;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;
using SegOps.Tests.Integration.Gateway.Admin;
using SegOps.Tests.Unit.Docs;

namespace SegOps.Tests.Integration.Gateway;

/// <summary>What a key that everybody can read may do. Limits/PublishableLimitTests has how often.</summary>
public sealed class PublishableKeyTests(RedisFixture redis)
{
    private const string Track = "/api/ingestion/track";

    [Theory]
    [InlineData(Track)]
    [InlineData("/api/ingestion/track/")]
    [InlineData("/api/ingestion/track/batch")]
    [InlineData("/api/ingestion/track/batch/")]
    [InlineData("/API/Ingestion/Track")]
    public async Task Call_ThatSendsEvents_IsForwarded(string path)
    {
        await using var test = await StartAsync();

        using var answer = await test.Gateway.SendAsync(test.Key, path, HttpMethod.Post);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(path, test.Upstream.Requests.Single().Target);
    }

    [Theory]
    [InlineData(Environments.Live)]
    [InlineData(Environments.Test)]
    public async Task Call_ThatSendsEvents_IsOfTheKeysEnvironment(string environment)
    {
        await using var test = await StartAsync(environment: environment);

        (await test.Gateway.SendAsync(test.Key, Track, HttpMethod.Post)).Dispose();

        Assert.Equal(environment, test.Upstream.Requests.Single().Headers[InternalHeaders.Environment]);
    }

    [Theory]
    [InlineData("GET", Track)]
    [InlineData("PUT", Track)]
    [InlineData("DELETE", "/api/ingestion/track/batch")]
    [InlineData("POST", "/api/ingestion/events/0190163d-8694-739b-aea5-966c26f8ad91")]
    [InlineData("POST", "/api/ingestion/anything/new")]
    [InlineData("POST", "/api/ingestion/trackx")]
    [InlineData("GET", "/api/ingestion/track/../events/0190163d-8694-739b-aea5-966c26f8ad91")]
    [InlineData("POST", "/api/ingestion/track/../../monitoring/volume")]
    [InlineData("GET", "/api/monitoring/anything/new")]
    [InlineData("GET", "/api/segments/anything/new")]
    [InlineData("POST", "/api/segments")]
    [InlineData("GET", "/API/Monitoring/Events")]
    public async Task Call_ThatDoesNotSendEvents_IsKeyCannotRead(string method, string path)
    {
        await using var test = await StartAsync();

        using var answer = await test.Gateway.SendAsync(test.Key, path, new HttpMethod(method));

        await AssertForbiddenAsync(ErrorCodes.KeyCannotRead, "Use a secret key", answer, test);
    }

    [Fact]
    public async Task Call_OfEveryOtherDocumentedOperation_IsKeyCannotRead()
    {
        await using var test = await StartAsync();

        Assert.Contains(ApiDescription.Operations, operation => operation.Path.StartsWith("/api/monitoring/", StringComparison.Ordinal));
        foreach (var operation in ApiDescription.Operations.Where(operation => !operation.Path.StartsWith(Track, StringComparison.Ordinal)))
        {
            using var answer = await test.Gateway.SendAsync(test.Key, operation.Path, new HttpMethod(operation.Method));

            await AssertForbiddenAsync(ErrorCodes.KeyCannotRead, "Use a secret key", answer, test);
        }
    }

    [Theory]
    [InlineData("ApiKey")]
    [InlineData("Bearer")]
    public async Task Call_OfTheAdminApi_IsKeyCannotReadAndNoWrongToken(string scheme)
    {
        await using var admin = await AdminUnderTest.StartAsync(await redis.ConnectionStringAsync(), null, "--Admin:FailuresPerMinute=1");
        var key = ApiKey.Generate(Environments.Live, ApiKeyKind.Publishable);
        for (var i = 0; i < 3; i++)
        {
            using var answer = await admin.Gateway.SendAsync(
                null, AdminUnderTest.Projects, change: request => request.Headers.TryAddWithoutValidation("Authorization", $"{scheme} {key}"));
            await GatewayUnderTest.AssertProblemAsync(HttpStatusCode.Forbidden, ErrorCodes.KeyCannotRead, answer);
        }

        await admin.DoneAsync(HttpStatusCode.OK, HttpMethod.Get, AdminUnderTest.Projects);
    }

    [Fact]
    public async Task Calls_Forbidden_AreNoFailedAuthentications()
    {
        await using var test = await StartAsync(settings: "--KeyStore:FailuresPerMinute=1");
        for (var i = 0; i < 3; i++)
            (await test.Gateway.SendAsync(test.Key)).Dispose();

        using var answer = await test.Gateway.SendAsync(null);

        await GatewayUnderTest.AssertProblemAsync(HttpStatusCode.Unauthorized, ErrorCodes.MissingApiKey, answer);
    }

    [Fact]
    public async Task Call_UnknownOrRevokedKey_IsRefusedAsASecretKeyIs()
    {
        await using var test = await StartAsync();
        var (revoked, _) = await KeyIssuer.IssuePublishableAsync(test.Redis);
        await KeyIssuer.RevokeAsync(test.Redis, revoked, TimeProvider.System.GetUtcNow());

        using var unknownAnswer = await test.Gateway.SendAsync(ApiKey.Generate(Environments.Live, ApiKeyKind.Publishable), Track, HttpMethod.Post);
        using var revokedAnswer = await test.Gateway.SendAsync(revoked, Track, HttpMethod.Post);

        await GatewayUnderTest.AssertProblemAsync(HttpStatusCode.Unauthorized, ErrorCodes.InvalidApiKey, unknownAnswer);
        await GatewayUnderTest.AssertProblemAsync(HttpStatusCode.Unauthorized, ErrorCodes.RevokedApiKey, revokedAnswer);
    }

    [Theory]
    [InlineData(null, "https://elsewhere.example")]
    [InlineData(null, "null")]
    [InlineData("https://app.example.com", null)] // a phone or a server
    [InlineData("https://app.example.com", "https://app.example.com")]
    [InlineData("https://b.example https://*.example.com", "https://shop.example.com")]
    [InlineData("https://b.example http://localhost:3000", "http://localhost:3000")]
    public async Task Call_FromAnOriginThatIsAllowed_IsForwarded(string? allowed, string? origin)
    {
        await using var test = await StartAsync(allowed);

        using var answer = await SendFromAsync(test, origin);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("https://elsewhere.example")]
    [InlineData("https://app.example.com:8443")]
    [InlineData("http://app.example.com")]
    [InlineData("https://other.app.example.com")]
    [InlineData("null")]
    [InlineData("")]
    public async Task Call_FromAnyOtherOrigin_IsOriginNotAllowedAndDoesNotSayWhichAre(string origin)
    {
        await using var test = await StartAsync("https://app.example.com");

        using var answer = await SendFromAsync(test, origin);

        var detail = await AssertForbiddenAsync(ErrorCodes.OriginNotAllowed, "allowed_origins", answer, test);
        Assert.DoesNotContain("example", detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_TwoOrigins_IsOriginNotAllowed()
    {
        await using var test = await StartAsync("https://app.example.com");

        using var answer = await test.Gateway.SendAsync(test.Key, Track, HttpMethod.Post, static request =>
            request.Headers.Add("Origin", ["https://app.example.com", "https://app.example.com"]));

        await AssertForbiddenAsync(ErrorCodes.OriginNotAllowed, "allowed_origins", answer, test);
    }

    [Fact]
    public async Task Call_AllowedOriginsThatCannotBeRead_AllowNoOrigin()
    {
        await using var test = await StartAsync("???");

        using var answer = await SendFromAsync(test, "https://app.example.com");

        await AssertForbiddenAsync(ErrorCodes.OriginNotAllowed, "allowed_origins", answer, test);
    }

    [Fact]
    public async Task Call_SecretKeyWithAnOrigin_IsForwarded()
    {
        await using var test = await StartAsync();
        var (secret, _) = await KeyIssuer.IssueAsync(test.Redis);

        using var answer = await test.Gateway.SendAsync(secret, Track, HttpMethod.Post, static request => request.Headers.Add("Origin", "https://elsewhere.example"));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private static Task<HttpResponseMessage> SendFromAsync(PublishableProject test, string? origin) => test.Gateway.SendAsync(
        test.Key, Track, HttpMethod.Post, request =>
        {
            if (origin is not null)
                request.Headers.TryAddWithoutValidation("Origin", origin);
        });

    private static async Task<string> AssertForbiddenAsync(string code, string advice, HttpResponseMessage answer, PublishableProject test)
    {
        var detail = (await GatewayUnderTest.AssertProblemAsync(HttpStatusCode.Forbidden, code, answer)).GetProperty("detail").GetString()!;
        Assert.Contains(advice, detail, StringComparison.Ordinal);
        Assert.Empty(test.Upstream.Requests);
        return detail;
    }

    private async Task<PublishableProject> StartAsync(string? allowedOrigins = null, string environment = Environments.Live, params string[] settings) =>
        await PublishableProject.StartAsync(await redis.ConnectionStringAsync(), allowedOrigins, null, environment, settings);
}

/// <summary>A project on the free plan with a publishable key and a gateway, which takes clients' addresses from X-Forwarded-For.</summary>
internal sealed record PublishableProject(string Redis, string Key, string Project, UpstreamServer Upstream, GatewayUnderTest Gateway) : IAsyncDisposable
{
    public static async Task<PublishableProject> StartAsync(
        string redis, string? allowedOrigins = null, int? callsPerMinutePerAddress = null, string environment = Environments.Live, params string[] settings)
    {
        var (key, project) = await KeyIssuer.IssuePublishableAsync(redis, allowedOrigins, callsPerMinutePerAddress, environment);
        var upstream = await UpstreamServer.StartAsync();
        return new(redis, key, project, upstream, await GatewayUnderTest.StartAsync(
            redis, upstream.Url, null, ["--Server:TrustedProxies=127.0.0.0/8", .. settings]));
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Upstream.DisposeAsync();
    }
}

using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Gateway;

public sealed class AuthenticationFailureLimiterTests(RedisFixture redis)
{
    private const string Malformed = "sk_live_none";
    private const string BehindProxy = "--Server:TrustedProxies=127.0.0.0/8";
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());

    [Theory]
    [InlineData(null, ErrorCodes.MissingApiKey)]
    [InlineData(Malformed, ErrorCodes.InvalidApiKey)]
    public async Task Failure_AfterThirtyWithinAMinute_IsTooManyFailuresInsteadOf401AndNeverAsksRedis(string? key, string code)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, Nowhere.Http, _clock);

        var answers = await SendAsync(gateway, key, 100);

        Assert.Equal([.. Enumerable.Repeat((401, code), 30), .. Enumerable.Repeat((429, ErrorCodes.TooManyFailures), 70)], answers);
    }

    [Fact]
    public async Task Failure_UnknownKey_Counts()
    {
        var connection = await redis.ConnectionStringAsync();
        await KeyIssuer.IssueAsync(connection);
        await using var gateway = await GatewayUnderTest.StartAsync(connection, Nowhere.Http, _clock);

        var answers = await SendAsync(gateway, ApiKey.Generate(Environments.Live), 31);

        Assert.Equal((401, ErrorCodes.InvalidApiKey), answers[29]);
        Assert.Equal((429, ErrorCodes.TooManyFailures), answers[30]);
    }

    [Fact]
    public async Task Failure_RevokedKey_CountsThoughMemoryHoldsIt()
    {
        var connection = await redis.ConnectionStringAsync();
        var (key, _) = await KeyIssuer.IssueAsync(connection);
        await KeyIssuer.RevokeAsync(connection, key, _clock.GetUtcNow());
        await using var gateway = await GatewayUnderTest.StartAsync(connection, Nowhere.Http, _clock);

        var answers = await SendAsync(gateway, key, 31);

        Assert.Equal((401, ErrorCodes.RevokedApiKey), answers[29]);
        Assert.Equal((429, ErrorCodes.TooManyFailures), answers[30]);
    }

    [Fact]
    public async Task Failures_AtTheSameTime_AreCountedExactly()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, Nowhere.Http, _clock);

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => SendAsync(gateway, null, 1)));

        Assert.Equal(30, answers.Count(answer => answer.Single().Status == 401));
    }

    [Fact]
    public async Task Answer_AuthenticationUnavailable_IsNoFailure()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, Nowhere.Http, _clock);

        var answers = await SendAsync(gateway, ApiKey.Generate(Environments.Live), 40);

        Assert.All(answers, answer => Assert.Equal((503, ErrorCodes.AuthenticationUnavailable), answer));
    }

    [Theory]
    [InlineData(0, 429)]
    [InlineData(1, 401)]
    public async Task Failure_AfterRetryAfter_Is401AgainAndBeforeItIsNot(int milliseconds, int expected)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, Nowhere.Http, _clock);
        await SendAsync(gateway, Malformed, 1);
        _clock.Advance(TimeSpan.FromSeconds(20));
        await SendAsync(gateway, Malformed, 29);
        using var refused = await gateway.SendAsync(Malformed);
        Assert.Equal(TimeSpan.FromSeconds(40), refused.Headers.RetryAfter?.Delta);

        _clock.Advance(TimeSpan.FromSeconds(40) - TimeSpan.FromMilliseconds(1) + TimeSpan.FromMilliseconds(milliseconds));

        Assert.Equal(expected, (await SendAsync(gateway, Malformed, 1)).Single().Status);
    }

    [Fact]
    public async Task Answer_OfAFailure_SaysWhatIsLeft()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, Nowhere.Http, _clock, "--KeyStore:FailuresPerMinute=2");
        await SendAsync(gateway, Malformed, 1);
        _clock.Advance(TimeSpan.FromSeconds(20));

        using var second = await gateway.SendAsync(Malformed);
        using var refused = await gateway.SendAsync(Malformed);

        Assert.Equal((401, "\"failures\";q=2;w=60", "\"failures\";r=0;t=40", "ApiKey realm=\"SegOps\""), Headers(second));
        Assert.Equal((429, "\"failures\";q=2;w=60", "\"failures\";r=0;t=40", ""), Headers(refused));
    }

    [Fact]
    public async Task KnownKey_FromASlowedAddress_WorksAsEver()
    {
        var connection = await redis.ConnectionStringAsync();
        var (key, _) = await KeyIssuer.IssueAsync(connection);
        await using var upstream = await UpstreamServer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(connection, upstream.Url, _clock, "--KeyStore:FailuresPerMinute=1");
        await SendAsync(gateway, key, 1);
        await SendAsync(gateway, Malformed, 2);

        var fresh = await SendAsync(gateway, key, 3);
        _clock.Advance(TimeSpan.FromSeconds(1));
        var lookedUpAgain = await SendAsync(gateway, key, 3);

        Assert.All([.. fresh, .. lookedUpAgain], answer => Assert.Equal(200, answer.Status));
    }

    [Fact]
    public async Task UnknownKey_FromASlowedAddress_IsLookedUpOnceASecond()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, Nowhere.Http, _clock, "--KeyStore:FailuresPerMinute=1");
        await SendAsync(gateway, Malformed, 1);

        var first = await SendAsync(gateway, ApiKey.Generate(Environments.Live), 3);
        _clock.Advance(TimeSpan.FromMilliseconds(999));
        var tooEarly = await SendAsync(gateway, ApiKey.Generate(Environments.Live), 1);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        var next = await SendAsync(gateway, ApiKey.Generate(Environments.Live), 2);

        Assert.Equal([503, 429, 429, 429, 503, 429], [.. first.Select(Status), .. tooEarly.Select(Status), .. next.Select(Status)]);
    }

    [Fact]
    public async Task Newcomer_FromASlowedAddress_GetsInWithTheNextSecondAsRetryAfterSays()
    {
        var connection = await redis.ConnectionStringAsync();
        var (key, _) = await KeyIssuer.IssueAsync(connection);
        await using var upstream = await UpstreamServer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(connection, upstream.Url, _clock, "--KeyStore:FailuresPerMinute=1");
        await SendAsync(gateway, Malformed, 1);
        await SendAsync(gateway, ApiKey.Generate(Environments.Live), 1);
        using var before = await gateway.SendAsync(key);

        _clock.Advance(before.Headers.RetryAfter!.Delta!.Value);
        var after = await SendAsync(gateway, key, 2);

        await GatewayUnderTest.AssertProblemAsync(HttpStatusCode.TooManyRequests, ErrorCodes.TooManyFailures, before);
        Assert.Equal(TimeSpan.FromSeconds(1), before.Headers.RetryAfter.Delta);
        Assert.All(after, answer => Assert.Equal(200, answer.Status));
    }

    [Fact]
    public async Task Failure_FromAnotherAddress_IsCountedApart()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, Nowhere.Http, _clock, "--KeyStore:FailuresPerMinute=1");
        await SendAsync(gateway, null, 1);
        using var elsewhere = From(IPAddress.Parse("127.0.0.2"));

        using var there = await elsewhere.GetAsync(new Uri(gateway.Url, "/api/ingestion/track"), TestContext.Current.CancellationToken);
        using var here = await gateway.SendAsync(null);

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.TooManyRequests), (there.StatusCode, here.StatusCode));
    }

    [Theory]
    [InlineData("198.51.100.9", "198.51.100.9", 429)]
    [InlineData("198.51.100.9", "198.51.100.10", 401)]
    [InlineData("198.51.100.9", "::ffff:198.51.100.9", 429)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", 429)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:2::1", 401)]
    public async Task Failure_BehindATrustedProxy_CountsForTheClientsAddressOrNetwork(string first, string second, int expected)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, Nowhere.Http, _clock, BehindProxy, "--KeyStore:FailuresPerMinute=1");
        await SendAsync(gateway, null, 1, first);

        Assert.Equal(expected, (await SendAsync(gateway, null, 1, second)).Single().Status);
    }

    [Fact]
    public async Task Failure_OfATrustedProxyItself_IsNotLimited()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, Nowhere.Http, _clock, BehindProxy, "--KeyStore:FailuresPerMinute=1");

        Assert.All(await SendAsync(gateway, null, 3), answer => Assert.Equal(401, answer.Status));
    }

    private static int Status((int Status, string? Code) answer) => answer.Status;

    private static (int Status, string Policy, string Limit, string Challenge) Headers(HttpResponseMessage answer) => (
        (int)answer.StatusCode, answer.Headers.GetValues("RateLimit-Policy").Single(), answer.Headers.GetValues("RateLimit").Single(),
        answer.Headers.WwwAuthenticate.ToString());

    /// <summary>Sends the same request so many times, one after the other.</summary>
    private static async Task<List<(int Status, string? Code)>> SendAsync(GatewayUnderTest gateway, string? key, int times, string? forwardedFor = null)
    {
        var answers = new List<(int, string?)>();
        for (var i = 0; i < times; i++)
        {
            using var answer = await gateway.SendAsync(
                key, change: request => request.Headers.TryAddWithoutValidation("X-Forwarded-For", forwardedFor is null ? [] : [forwardedFor]));
            var code = answer.IsSuccessStatusCode
                ? null
                : (await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("code").GetString();
            answers.Add(((int)answer.StatusCode, code));
        }
        return answers;
    }

    /// <summary>A client that calls from <paramref name="address"/>.</summary>
    private static HttpClient From(IPAddress address) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (context, cancellationToken) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(address, 0));
                await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    });
}

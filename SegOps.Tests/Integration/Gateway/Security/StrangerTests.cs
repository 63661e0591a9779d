using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using SegOps.Bench.Processes;
using SegOps.Contracts;
using SegOps.Gateway.Telemetry;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Gateway.Security;

/// <summary>Callers that claim to be somebody or somewhere else, and what only this machine may ask.</summary>
public sealed class StrangerTests(RedisFixture redis)
{

    [Theory]
    [InlineData("/health")]
    [InlineData("/alive")]
    public async Task Probe_FromThisMachine_IsAnswered(string path)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, Nowhere.Http);

        using var answer = await gateway.SendAsync(null, path);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/alive")]
    [InlineData("/HEALTH/")]
    [InlineData("/%68ealth")]
    [InlineData("/x/../health")]
    public async Task Probe_FromElsewhere_IsNotFoundLikeAnyUnknownPath(string path)
    {
        await using var gateway = await GatewayUnderTest.StartWithAsync(Nowhere.Redis, Nowhere.Http, From("203.0.113.7"));

        var answer = await Wire.ExchangeAsync(gateway.Url, $"GET {path} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 404 ", answer, StringComparison.Ordinal);
        Assert.Contains($"\"{ErrorCodes.NotFound}\"", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("X-Forwarded-For", "127.0.0.1")]
    [InlineData("x_forwarded_host", "localhost")]
    [InlineData("Forwarded", "for=127.0.0.1")]
    [InlineData("X-Real-IP", "127.0.0.1")]
    public async Task Probe_ThroughAProxyOnThisMachine_IsNotFound(string header, string value)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, Nowhere.Http, settings: "--Server:TrustedProxies=127.0.0.0/8");

        using var answer = await gateway.SendAsync(null, "/health", change: request => request.Headers.TryAddWithoutValidation(header, value));

        await GatewayUnderTest.AssertProblemAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound, answer);
    }

    [Fact]
    public async Task Probe_FromElsewhere_IsAnsweredOnTheProbePortAlone()
    {
        var port = FreePort.Next();
        await using var gateway = await GatewayUnderTest.StartWithAsync(
            Nowhere.Redis, Nowhere.Http, From("203.0.113.7"), $"--urls=http://127.0.0.1:0;http://127.0.0.1:{port}", $"--Server:ProbePort={port}");

        var answers = new List<string>();
        foreach (var url in gateway.Urls)
            answers.Add((await Wire.ExchangeAsync(new Uri(url), "GET /health HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n"))[..12]);

        Assert.Equal(["HTTP/1.1 200", "HTTP/1.1 404"], answers.Order());
    }

    [Theory]
    [InlineData("", "198.51.100.9", "127.0.0.1")]
    [InlineData("10.0.0.0/8", "198.51.100.9", "127.0.0.1")]
    [InlineData("127.0.0.0/8", "198.51.100.9", "198.51.100.9")]
    [InlineData("127.0.0.0/8", "127.0.0.1, 198.51.100.9", "198.51.100.9")]
    [InlineData("127.0.0.0/8,10.0.0.0/8", "198.51.100.1, 198.51.100.9, 10.1.1.1", "198.51.100.9")]
    [InlineData("127.0.0.0/8", "nonsense", "127.0.0.1")]
    public async Task ForwardedFor_FromAPeer_CountsOnlyAsFarAsProxiesAreTrusted(string trusted, string header, string expected)
    {
        var seen = await SeenAsync(request => request.Headers.TryAddWithoutValidation("X-Forwarded-For", header), $"--Server:TrustedProxies={trusted}");

        Assert.Equal(expected, seen["X-Forwarded-For"]);
    }

    [Fact]
    public async Task ForwardedFor_FromAPeerThatIsNotTrusted_IsCountedAndNamesTheSettingOnceAnHour()
    {
        var (log, clock) = (new FakeLogCollector(), new FakeTimeProvider(TimeProvider.System.GetUtcNow()));
        await using var gateway = await StartLoggedAsync(log, clock);
        using var ignored = new MetricCollector<long>(gateway.Services.GetRequiredService<IMeterFactory>(), GatewayTelemetry.MeterName, "segops.gateway.ignored_forwarded_for");

        await ForwardedAsync(gateway);
        await ForwardedAsync(gateway);
        Assert.Contains("Server:TrustedProxies", Assert.Single(Warnings(log)), StringComparison.Ordinal);
        clock.Advance(TimeSpan.FromHours(1));
        await ForwardedAsync(gateway);

        Assert.Equal(2, Warnings(log).Count());
        Assert.Equal(3, ignored.GetMeasurementSnapshot().Count);
    }

    [Fact]
    public async Task ForwardedFor_FromATrustedProxy_IsNoWarning()
    {
        var log = new FakeLogCollector();
        await using var gateway = await StartLoggedAsync(log, TimeProvider.System, "--Server:TrustedProxies=127.0.0.0/8");

        await ForwardedAsync(gateway);

        Assert.Empty(Warnings(log));
    }

    [Theory]
    [InlineData("X-SegOps-Project")]
    [InlineData("x_segops_project")]
    [InlineData("X_SEGOPS-Plan")]
    [InlineData("X-SegOps-Events-Per-Month")]
    [InlineData("X-Forwarded-Prefix")]
    [InlineData("x_forwarded_for")]
    [InlineData("X-Original-For")]
    [InlineData("X-Original-URL")]
    [InlineData("X-Rewrite-URL")]
    [InlineData("X-HTTP-Method-Override")]
    [InlineData("X-Real-IP")]
    [InlineData("True-Client-IP")]
    [InlineData("CF-Connecting-IP")]
    [InlineData("Forwarded")]
    public async Task Header_ThatClaimsAnIdentity_NeverPasses(string name)
    {
        foreach (var trusted in (string[])["", "127.0.0.0/8"])
        {
            var seen = await SeenAsync(request =>
            {
                request.Headers.TryAddWithoutValidation(name, "198.51.100.66");
                request.Headers.TryAddWithoutValidation(name.ToUpperInvariant(), "198.51.100.77");
            }, $"--Server:TrustedProxies={trusted}");

            Assert.DoesNotContain(seen, header => header.Value.Contains(".66", StringComparison.Ordinal) || header.Value.Contains(".77", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Header_NamedByConnection_DoesNotTakeOursAway()
    {
        var seen = await SeenAsync(request => request.Headers.TryAddWithoutValidation(
            "Connection", "X-SegOps-Project, X-SegOps-Secret, X-SegOps-Plan, X-SegOps-Environment, X-Forwarded-For"));

        Assert.Equal(GatewayUnderTest.Secret, seen[InternalHeaders.Secret]);
        Assert.All(
            (string[])[InternalHeaders.Project, InternalHeaders.Plan, InternalHeaders.Environment, "X-Forwarded-For"], name => Assert.NotEmpty(seen[name]));
    }

    [Theory]
    [InlineData("X-SegOps-Month-Used")]
    [InlineData("x-segops-secret")]
    [InlineData("Server")]
    public async Task AnswerHeader_OfAService_IsNotShown(string name)
    {
        var connection = await redis.ConnectionStringAsync();
        var (key, _) = await KeyIssuer.IssueAsync(connection);
        await using var upstream = await UpstreamServer.StartAsync(context =>
        {
            context.Response.Headers[name] = "internal";
            return context.Response.WriteAsync("its own words");
        });
        await using var gateway = await GatewayUnderTest.StartAsync(connection, upstream.Url);

        using var answer = await gateway.SendAsync(key);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.False(answer.Headers.Contains(name));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("127.0.0.0/8", false)]
    public async Task Connections_OverTheLimitOfOneAddress_AreClosedUnlessItIsATrustedProxy(string trusted, bool closed)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(
            Nowhere.Redis, Nowhere.Http, null, "--Server:MaxConnectionsPerAddress=2", $"--Server:TrustedProxies={trusted}");
        using var first = await HoldAsync(gateway.Url);
        using var second = await HoldAsync(gateway.Url);

        var third = await Wire.ExchangeAsync(gateway.Url, "GET /alive HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n");

        Assert.Equal(closed, third.Length == 0);
    }

    [Fact]
    public async Task Connections_BeyondThoseInAll_AreClosed()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, Nowhere.Http, null, "--Server:MaxConnections=1");
        using var first = await HoldAsync(gateway.Url);

        var second = await Wire.ExchangeAsync(gateway.Url, "GET /alive HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n");

        Assert.Equal("", second);
    }

    [Fact]
    public async Task Connections_ClosedAgain_MakeRoom()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, Nowhere.Http, null, "--Server:MaxConnectionsPerAddress=1");
        (await HoldAsync(gateway.Url)).Dispose();

        var answer = "";
        while (answer.Length == 0)
            answer = await Wire.ExchangeAsync(gateway.Url, "GET /alive HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n").Patiently();

        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("414", "GET /{8192} HTTP/1.1\r\nHost: gateway\r\n\r\n")]
    [InlineData("431", "GET / HTTP/1.1\r\nHost: gateway\r\nX-A: {16384}\r\n\r\n")]
    public async Task Head_TooLarge_IsRefused(string status, string head)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, Nowhere.Http);
        var filled = System.Text.RegularExpressions.Regex.Replace(head, @"\{(\d+)\}", match => new string('a', int.Parse(match.Groups[1].Value)));

        var answer = await Wire.ExchangeAsync(gateway.Url, filled);

        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Head_TooManyHeaders_IsRefused()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, Nowhere.Http);

        var answer = await Wire.ExchangeAsync(
            gateway.Url, $"GET / HTTP/1.1\r\nHost: gateway\r\n{string.Concat(Enumerable.Repeat("X-A: b\r\n", 100))}\r\n");

        Assert.StartsWith("HTTP/1.1 431 ", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--Server:HeadersTimeout=00:00:01", "GET / HTTP/1.1\r\nHost:", "HTTP/1.1 408 ")]
    [InlineData("--Server:KeepAliveTimeout=00:00:01", "GET /nothing HTTP/1.1\r\nHost: gateway\r\n\r\n", "HTTP/1.1 404 ")]
    public async Task Client_ThatSendsNothingMore_IsLetGo(string limit, string sent, string expected)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, Nowhere.Http, null, limit);

        var answer = await Wire.ExchangeAsync(gateway.Url, sent);

        Assert.StartsWith(expected, answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Body_SlowerThanTheLeastRate_IsRequestTimeout()
    {
        var connection = await redis.ConnectionStringAsync();
        var (key, _) = await KeyIssuer.IssueAsync(connection);
        await using var upstream = await UpstreamServer.StartAsync(Wire.Reading([]));
        await using var gateway = await GatewayUnderTest.StartAsync(connection, upstream.Url, null, "--Server:BodyRateGrace=00:00:02");

        var answer = await Wire.ExchangeAsync(
            gateway.Url, $"POST /api/ingestion/track HTTP/1.1\r\nHost: gateway\r\nAuthorization: ApiKey {key}\r\nContent-Length: 9\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal);
    }

    private static Task<GatewayUnderTest> StartLoggedAsync(FakeLogCollector log, TimeProvider clock, params string[] settings) =>
        GatewayUnderTest.StartWithAsync(Nowhere.Redis, Nowhere.Http, builder =>
        {
            builder.Services.AddSingleton(clock);
            builder.Logging.AddProvider(new FakeLoggerProvider(log));
        }, settings);

    private static async Task ForwardedAsync(GatewayUnderTest gateway) =>
        (await gateway.SendAsync(null, "/nothing", change: request => request.Headers.TryAddWithoutValidation("X-Forwarded-For", "198.51.100.9"))).Dispose();

    private static IEnumerable<string> Warnings(FakeLogCollector log) => log.GetSnapshot()
        .Where(entry => entry.Level == LogLevel.Warning && entry.Message.Contains("X-Forwarded-For", StringComparison.Ordinal)).Select(entry => entry.Message);

    private async Task<IReadOnlyDictionary<string, string>> SeenAsync(Action<HttpRequestMessage> change, params string[] settings)
    {
        var connection = await redis.ConnectionStringAsync();
        var (key, _) = await KeyIssuer.IssueAsync(connection);
        await using var upstream = await UpstreamServer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(connection, upstream.Url, null, settings);
        using var answer = await gateway.SendAsync(key, change: change);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return upstream.Requests.Single().Headers;
    }

    /// <summary>A connection that was accepted and stays open.</summary>
    private static async Task<TcpClient> HoldAsync(Uri server)
    {
        var socket = new TcpClient();
        await socket.ConnectAsync(server.Host, server.Port, TestContext.Current.CancellationToken);
        await socket.GetStream().WriteAsync("GET /alive HTTP/1.1\r\nHost: gateway\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        await socket.GetStream().ReadExactlyAsync(new byte[8], TestContext.Current.CancellationToken).AsTask().Patiently();
        return socket;
    }

    /// <summary>Makes every connection look as if it came from <paramref name="address"/>.</summary>
    private static Action<WebApplicationBuilder> From(string address) =>
        builder => builder.Services.AddSingleton<IStartupFilter>(new Elsewhere(IPAddress.Parse(address)));

    private sealed class Elsewhere(IPAddress address) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use((context, inner) =>
            {
                context.Connection.RemoteIpAddress = address;
                return inner(context);
            });
            next(app);
        };
    }
}

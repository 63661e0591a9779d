using System.Net.Sockets;
using System.Text;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Gateway;

/// <summary>Raw sockets, because HTTP clients tidy paths up before they send them.</summary>
public sealed class PathEscapeTests(RedisFixture redis)
{
    [Theory]
    [InlineData("/api/ingestion/../../health")]
    [InlineData("/api/ingestion/%2e%2e/%2e%2e/health")]
    [InlineData("/api/ingestion/..%2f..%2fhealth")]
    [InlineData("/api/ingestion/..%2F..%2Fhealth")]
    [InlineData("/api/ingestion/%252e%252e/%252e%252e/health")]
    [InlineData("/api/ingestion/%252e%252e%252f%252e%252e%252fhealth")]
    [InlineData("/api/ingestion/..\\..\\health")]
    [InlineData("/api/ingestion/..%5c..%5chealth")]
    [InlineData("/api/ingestion/%255c..%255c..%255chealth")]
    [InlineData("/api/ingestion/..;/..;/health")]
    [InlineData("/API/Ingestion/%2E%2E/%2e%2E/health")]
    [InlineData("/api/ingestion/%c0%ae%c0%ae/health")]
    [InlineData("/api/monitoring/../../alive")]
    [InlineData("/api/monitoring/./../../metrics")]
    [InlineData("//health")]
    [InlineData("//api/ingestion/../health")]
    [InlineData("/api/ingestion/../../../health")]
    [InlineData("http://elsewhere/api/ingestion/../../health")]
    public async Task Request_PathThatClimbs_NeverReachesAnotherPathOfAService(string target)
    {
        var connection = await redis.ConnectionStringAsync();
        var (key, _) = await KeyIssuer.IssueAsync(connection);
        await using var upstream = await UpstreamServer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(connection, upstream.Url);

        var answer = await SendAsync(gateway.Url, target, key);

        Assert.StartsWith("HTTP/1.1 ", answer, StringComparison.Ordinal);
        Assert.Empty(upstream.Requests);
    }

    [Theory]
    [InlineData("/api/ingestion//track")]
    [InlineData("/api/ingestion//elsewhere/health")]
    public async Task Request_EmptySegments_StayBelowTheRoute(string target)
    {
        var connection = await redis.ConnectionStringAsync();
        var (key, _) = await KeyIssuer.IssueAsync(connection);
        await using var upstream = await UpstreamServer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(connection, upstream.Url);

        await SendAsync(gateway.Url, target, key);

        Assert.All(upstream.Requests, request => Assert.StartsWith("/api/ingestion/", request.Target, StringComparison.Ordinal));
    }

    private static async Task<string> SendAsync(Uri gateway, string target, string key)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(gateway.Host, gateway.Port, TestContext.Current.CancellationToken);
        var stream = socket.GetStream();
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes($"GET {target} HTTP/1.1\r\nHost: gateway\r\nAuthorization: ApiKey {key}\r\nConnection: close\r\n\r\n"),
            TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }
}

using System.Collections.Concurrent;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Gateway.Security;

/// <summary>
/// Requests that a server in front could read in another way than the gateway. In all of them a second request hides, to another path; the
/// service must never see it, for it would come with the identity of the first.
/// </summary>
public sealed class SmugglingTests(RedisFixture redis)
{
    private const string Hidden = "GET /api/ingestion/hidden HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n";

    public static TheoryData<string, string> Refused => new()
    {
        { "both lengths", "POST /api/ingestion/track HTTP/1.1\r\nHost: gateway\r\n{key}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
        { "both lengths, turned round", "POST /api/ingestion/track HTTP/1.1\r\nHost: gateway\r\n{key}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" },
        { "two lengths", "POST /api/ingestion/track HTTP/1.1\r\nHost: gateway\r\n{key}Content-Length: 0\r\nContent-Length: 5\r\n\r\n" },
        { "two lengths in one", "POST /api/ingestion/track HTTP/1.1\r\nHost: gateway\r\n{key}Content-Length: 0, 5\r\n\r\n" },
        { "negative length", "POST /api/ingestion/track HTTP/1.1\r\nHost: gateway\r\n{key}Content-Length: -1\r\n\r\n" },
        { "hexadecimal length", "POST /api/ingestion/track HTTP/1.1\r\nHost: gateway\r\n{key}Content-Length: 0x5\r\n\r\n" },
        { "unknown coding", "POST /api/ingestion/track HTTP/1.1\r\nHost: gateway\r\n{key}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" },
        { "chunked not last", "POST /api/ingestion/track HTTP/1.1\r\nHost: gateway\r\n{key}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" },
        { "chunked twice", "POST /api/ingestion/track HTTP/1.1\r\nHost: gateway\r\n{key}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
        { "gzip before chunked", "POST /api/ingestion/track HTTP/1.1\r\nHost: gateway\r\n{key}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" },
        { "vertical tab", "POST /api/ingestion/track HTTP/1.1\r\nHost: gateway\r\n{key}Transfer-Encoding: \vchunked\r\n\r\n0\r\n\r\n" },
        { "chunked by 1.0", "POST /api/ingestion/track HTTP/1.0\r\nHost: gateway\r\n{key}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
        { "folded header", "POST /api/ingestion/track HTTP/1.1\r\nHost: gateway\r\n{key}X-A: b\r\n Content-Length: 5\r\n\r\n" },
        { "space before colon", "POST /api/ingestion/track HTTP/1.1\r\nHost: gateway\r\n{key}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" },
        { "line feed alone", "POST /api/ingestion/track HTTP/1.1\r\nHost: gateway\r\n{key}X-A: b\nContent-Length: 5\r\n\r\n" },
        { "line feeds alone", "POST /api/ingestion/track HTTP/1.1\nHost: gateway\n{key}\n" },
        { "carriage return in a value", "POST /api/ingestion/track HTTP/1.1\r\nHost: gateway\r\n{key}X-A: b\rContent-Length: 5\r\n\r\n" },
        { "NUL in a value", "POST /api/ingestion/track HTTP/1.1\r\nHost: gateway\r\n{key}X-A: b\0c\r\n\r\n" },
        { "NUL in a name", "POST /api/ingestion/track HTTP/1.1\r\nHost: gateway\r\n{key}X\0A: b\r\n\r\n" },
        { "no host", "POST /api/ingestion/track HTTP/1.1\r\n{key}\r\n" },
        { "two hosts", "POST /api/ingestion/track HTTP/1.1\r\nHost: gateway\r\nHost: elsewhere\r\n{key}\r\n" },
        { "user in host", "POST /api/ingestion/track HTTP/1.1\r\nHost: user@gateway\r\n{key}\r\n" },
        { "another host in the target", "POST http://elsewhere/api/ingestion/track HTTP/1.1\r\nHost: gateway\r\n{key}\r\n" },
    };

    public static TheoryData<string, string> BrokenChunks => new()
    {
        { "size overflow", "FFFFFFFFFFFFFFFFF\r\na\r\n0\r\n\r\n" },
        { "negative size", "-1\r\na\r\n0\r\n\r\n" },
        { "prefixed size", "0x1\r\na\r\n0\r\n\r\n" },
        { "no size", "\r\na\r\n0\r\n\r\n" },
        { "junk after the chunk", "1\r\nab\r\n0\r\n\r\n" },
        { "line feed ends the size", "1\na\r\n0\r\n\r\n" },
        { "line feed in an extension", "1;a\nb\r\na\r\n0\r\n\r\n" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Request_AmbiguousHead_IsRefusedAndTheConnectionClosed(string what, string head)
    {
        var (answer, seen, _) = await SendAsync(head + Hidden);

        Assert.True(answer.StartsWith("HTTP/1.1 400 ", StringComparison.Ordinal), $"{what}: {answer}");
        Assert.Equal(1, Count(answer, "HTTP/1.1 "));
        Assert.Empty(seen);
    }

    [Theory]
    [MemberData(nameof(BrokenChunks))]
    public async Task Request_BrokenChunk_NeverEndsWellNorHidesAnother(string what, string chunks)
    {
        var (answer, seen, bodies) = await SendAsync("POST /api/ingestion/track HTTP/1.1\r\nHost: gateway\r\n{key}Transfer-Encoding: chunked\r\n\r\n" + chunks + Hidden);

        Assert.True(answer.StartsWith("HTTP/1.1 400 ", StringComparison.Ordinal), $"{what}: {answer}");
        Assert.Equal(1, Count(answer, "HTTP/1.1 "));
        Assert.DoesNotContain(seen, request => request.Target.Contains("hidden", StringComparison.Ordinal));
        Assert.Empty(bodies);
    }

    [Theory]
    [InlineData("Transfer-Encoding: chunked", "1\r\na\r\n0\r\n\r\n")]
    [InlineData("transfer-encoding:\tCHUNKED ", "1;ext=\"x\"\r\na\r\n0\r\nX-SegOps-Project: theirs\r\n\r\n")]
    [InlineData("Content-Length: 1", "a")]
    [InlineData("Content-Length: +1", "a")]
    [InlineData("Content-Length: 1\r\nExpect: 100-continue", "a")]
    public async Task Request_FollowedByAnother_DoesNotLendItItsIdentity(string framing, string body)
    {
        var (answer, seen, bodies) = await SendAsync($"POST /api/ingestion/track HTTP/1.1\r\nHost: gateway\r\n{{key}}{framing}\r\n\r\n{body}{Hidden}");

        Assert.Contains("from upstream", answer, StringComparison.Ordinal);
        Assert.Contains("HTTP/1.1 401 ", answer, StringComparison.Ordinal);
        Assert.Equal("/api/ingestion/track", seen.Single().Target);
        Assert.DoesNotContain(seen.Single().Headers.Values, value => value.Contains("theirs", StringComparison.Ordinal));
        Assert.Equal(["a"], bodies);
    }

    [Theory]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]
    [InlineData("GET /api/ingestion/track HTTP/3.0\r\nHost: gateway\r\n{key}\r\n")]
    [InlineData("OPTIONS * HTTP/1.1\r\nHost: gateway\r\n{key}Connection: close\r\n\r\n")]
    [InlineData("CONNECT ingestion:80 HTTP/1.1\r\nHost: ingestion:80\r\n{key}Connection: close\r\n\r\n")]
    public async Task Request_AnotherProtocolOrForm_NeverReachesAService(string head)
    {
        var (_, seen, _) = await SendAsync(head);

        Assert.Empty(seen);
    }

    [Theory]
    [InlineData("websocket")]
    [InlineData("h2c")]
    public async Task Request_Upgrade_IsNotPassedOn(string protocol)
    {
        var (answer, seen, _) = await SendAsync(
            $"GET /api/ingestion/track HTTP/1.1\r\nHost: gateway\r\n{{key}}Connection: close, Upgrade, HTTP2-Settings\r\nUpgrade: {protocol}\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Upgrade", seen.Single().Headers.Keys);
        Assert.DoesNotContain("HTTP2-Settings", seen.Single().Headers.Keys);
    }

    /// <summary>Sends <paramref name="bytes"/>, in which {key} stands for the header with a valid key.</summary>
    private async Task<(string Answer, ConcurrentQueue<UpstreamServer.Request> Seen, ConcurrentQueue<string> Bodies)> SendAsync(string bytes)
    {
        var connection = await redis.ConnectionStringAsync();
        var (key, _) = await KeyIssuer.IssueAsync(connection);
        var bodies = new ConcurrentQueue<string>();
        await using var upstream = await UpstreamServer.StartAsync(Wire.Reading(bodies));
        await using var gateway = await GatewayUnderTest.StartAsync(connection, upstream.Url);
        var newLine = bytes.Contains("{key}\n", StringComparison.Ordinal) ? "\n" : "\r\n";
        var answer = await Wire.ExchangeAsync(gateway.Url, bytes.Replace("{key}", $"Authorization: ApiKey {key}{newLine}", StringComparison.Ordinal));
        return (answer, upstream.Requests, bodies);
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;
}

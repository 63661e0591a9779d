using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using SegOps.Contracts;
using SegOps.ServiceDefaults.Http;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Gateway;

/// <summary>Raw sockets that go on sending whatever happens, as a client in the middle of an upload does.</summary>
public sealed class BodyLimitTests(RedisFixture redis)
{
    private const int OverTheServicesLimit = 11 * 1024 * 1024;
    private const int OverTheGatewaysLimit = 40 * 1024 * 1024;

    [Theory]
    [InlineData(true, OverTheServicesLimit)]
    [InlineData(false, OverTheServicesLimit)]
    public async Task Body_OverTheServicesLimit_IsAnsweredByTheServiceWhileTheClientStillSends(bool chunked, int length)
    {
        await using var upstream = await UpstreamServer.StartAsync(RefuseOverLimitAsync);

        var answer = await UploadAsync(upstream.Url, length, chunked);

        Assert.StartsWith("HTTP/1.1 413 ", answer, StringComparison.Ordinal);
        Assert.Contains("the service's own words", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Body_ChunkedOverTheGatewaysLimit_IsRefusedByTheGatewayIfTheServiceDoesNot()
    {
        await using var upstream = await UpstreamServer.StartAsync(context => context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted));

        var answer = await UploadAsync(upstream.Url, OverTheGatewaysLimit, chunked: true);

        Assert.StartsWith("HTTP/1.1 413 ", answer, StringComparison.Ordinal);
        Assert.Contains($"\"{ErrorCodes.BodyTooLarge}\"", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Body_DeclaredOverTheGatewaysLimit_IsRefusedByTheGatewayWhileTheClientStillSends()
    {
        await using var upstream = await UpstreamServer.StartAsync();

        var answer = await UploadAsync(upstream.Url, OverTheGatewaysLimit, chunked: false);

        Assert.StartsWith("HTTP/1.1 413 ", answer, StringComparison.Ordinal);
        Assert.Contains($"\"{ErrorCodes.BodyTooLarge}\"", answer, StringComparison.Ordinal);
        Assert.Empty(upstream.Requests);
    }

    [Theory]
    [InlineData(true, OverTheServicesLimit)]
    [InlineData(false, OverTheServicesLimit)]
    [InlineData(true, OverTheGatewaysLimit)]
    public async Task Body_OverIngestionsOwnLimit_IsBodyTooLargeWhileTheClientStillSends(bool chunked, int length)
    {
        await using var ingestion = SegOps.Ingestion.Program.Build(
            [
                "--urls=http://127.0.0.1:0", $"--Internal:Secret={GatewayUnderTest.Secret}",
                "--ConnectionStrings:pubsub=Endpoint=http://127.0.0.1:1;ProjectId=test", "--ConnectionStrings:redis=" + Nowhere.Redis,
            ],
            builder => builder.Logging.ClearProviders());
        await ingestion.StartAsync(TestContext.Current.CancellationToken);

        var answer = await UploadAsync(ingestion.Urls.First(), length, chunked);

        Assert.StartsWith("HTTP/1.1 413 ", answer, StringComparison.Ordinal);
        Assert.Contains($"\"{ErrorCodes.BodyTooLarge}\"", answer, StringComparison.Ordinal);
    }

    /// <summary>Sends <paramref name="length"/> bytes to the end, then reads the answer.</summary>
    private async Task<string> UploadAsync(string upstream, int length, bool chunked)
    {
        var connection = await redis.ConnectionStringAsync();
        var (key, _) = await KeyIssuer.IssueAsync(connection);
        await using var gateway = await GatewayUnderTest.StartAsync(connection, upstream);
        using var socket = new TcpClient();
        await socket.ConnectAsync(gateway.Url.Host, gateway.Url.Port, TestContext.Current.CancellationToken);
        var stream = socket.GetStream();
        var framing = chunked ? "Transfer-Encoding: chunked" : $"Content-Length: {length}";
        await WriteAsync(stream, $"POST /api/ingestion/track HTTP/1.1\r\nHost: gateway\r\nAuthorization: ApiKey {key}\r\nConnection: close\r\nContent-Type: application/json\r\n{framing}\r\n\r\n");

        var piece = new byte[64 * 1024];
        for (var sent = 0; sent < length; sent += piece.Length)
        {
            if (chunked)
                await WriteAsync(stream, $"{piece.Length:x}\r\n");
            await stream.WriteAsync(piece, TestContext.Current.CancellationToken);
            if (chunked)
                await WriteAsync(stream, "\r\n");
        }

        if (chunked)
            await WriteAsync(stream, "0\r\n\r\n");
        using var reader = new StreamReader(stream, Encoding.ASCII);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    private static Task WriteAsync(NetworkStream stream, string text) =>
        stream.WriteAsync(Encoding.ASCII.GetBytes(text), TestContext.Current.CancellationToken).AsTask();

    private static async Task RefuseOverLimitAsync(HttpContext context)
    {
        var buffer = new byte[64 * 1024];
        for (var read = 0; read <= EventLimits.MaxBatchBodyBytes;)
            read += await context.Request.Body.ReadAsync(buffer, context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
        context.Response.ContentType = Problems.ContentType;
        await context.Response.WriteAsync("the service's own words");
    }
}

using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Gateway;

/// <summary>Bodies of clients on slow networks, through the gateway.</summary>
public sealed class SlowBodyTests(RedisFixture redis, PubSubEmulatorFixture emulator)
{
    private const string Idle = "--Server:BodyIdleTimeout=00:00:02";

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(0.25);

    [Fact]
    public async Task Body_ThatTakesLongerThanRequestsAndPausesMay_Arrives()
    {
        await using var upstream = await UpstreamServer.StartAsync(async context =>
        {
            var arrived = new MemoryStream();
            await context.Request.Body.CopyToAsync(arrived, context.RequestAborted);
            await context.Response.WriteAsync($"{arrived.Length} bytes");
        });

        // Three seconds of sending.
        var answer = await UploadAsync(
            upstream.Url, bytes: 600_000, pieces: 12, announced: 600_000, "--Forwarding:RequestTimeout=00:00:01", Idle);

        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.Contains("600000 bytes", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Body_ThatPausesForTooLong_IsTheClientsTimeout()
    {
        await using var upstream = await UpstreamServer.StartAsync(context => context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted));

        var answer = await UploadAsync(upstream.Url, bytes: 200_000, pieces: 1, announced: 200_001, Idle);

        Assert.StartsWith("HTTP/1.1 408", answer, StringComparison.Ordinal);
        Assert.Contains($"\"{ErrorCodes.RequestTimeout}\"", answer, StringComparison.Ordinal);
    }

    /// <summary>As slow as a phone: two and a half minutes.</summary>
    [Fact(Explicit = true), Trait("Stage", "long")]
    public async Task Body_OfNineMegabytesAt60KilobytesASecond_IsAccepted()
    {
        const int Bytes = 9_000_000;
        await using var ingestion = SegOps.Ingestion.Program.Build(
            [
                "--urls=http://127.0.0.1:0", $"--Internal:Secret={GatewayUnderTest.Secret}", "--PubSub:Publisher:MessageDeadline=00:01:00",
                $"--ConnectionStrings:pubsub={await emulator.NewProjectAsync()}", "--ConnectionStrings:redis=" + Nowhere.Redis,
            ],
            builder => builder.Logging.ClearProviders());
        await ingestion.StartAsync(TestContext.Current.CancellationToken);

        var answer = await UploadAsync(ingestion.Urls.First(), Bytes, pieces: Bytes / 15_000, announced: Bytes);

        Assert.StartsWith("HTTP/1.1 202", answer, StringComparison.Ordinal);
    }

    /// <summary>Sends a valid batch, padded to <paramref name="bytes"/>, with a pause after each piece, and reads the answer.</summary>
    private async Task<string> UploadAsync(string upstream, int bytes, int pieces, int announced, params string[] settings)
    {
        var connection = await redis.ConnectionStringAsync();
        var (key, _) = await KeyIssuer.IssueAsync(connection);
        await using var gateway = await GatewayUnderTest.StartAsync(connection, upstream, settings: settings);
        using var socket = new TcpClient();
        await socket.ConnectAsync(gateway.Url.Host, gateway.Url.Port, TestContext.Current.CancellationToken);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /api/ingestion/track/batch/ HTTP/1.1\r\nHost: gateway\r\nAuthorization: ApiKey {key}\r\nConnection: close\r\n" +
            $"Content-Type: application/json\r\nContent-Length: {announced}\r\n\r\n"), TestContext.Current.CancellationToken);

        var body = Encoding.ASCII.GetBytes("""{"events":[{"user_id":"u","event_type":"t"}]}""".PadRight(bytes));
        foreach (var piece in body.Chunk(bytes / pieces))
        {
            await stream.WriteAsync(piece, TestContext.Current.CancellationToken);
            await Task.Delay(Pause, TestContext.Current.CancellationToken);
        }

        using var reader = new StreamReader(stream, Encoding.ASCII);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }
}

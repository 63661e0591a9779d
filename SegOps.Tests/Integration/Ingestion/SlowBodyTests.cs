using System.Net.Sockets;
using System.Text;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;
using static SegOps.Tests.Integration.Ingestion.IngestionUnderTest;

namespace SegOps.Tests.Integration.Ingestion;

/// <summary>Bodies of clients on slow networks, with a shorter limit of pauses.</summary>
public sealed class SlowBodyTests(PubSubEmulatorFixture emulator)
{
    private const string Idle = "--Bodies:IdleTimeout=00:00:02";

    /// <summary>More than the minimum rate of 200 bytes a second would need for many minutes.</summary>
    private const int FastStart = 200_000;

    [Fact]
    public async Task Track_BodyThatPausesAfterAFastStart_Is408()
    {
        await using var ingestion = await StartAsync(await emulator.NewProjectAsync(), Idle);

        var answer = await ingestion.ExchangeAsync(
            $"POST {BatchPath} HTTP/1.1\r\nContent-Length: {FastStart + 1}", new string(' ', FastStart), endsSending: false);

        Assert.StartsWith("HTTP/1.1 408", answer, StringComparison.Ordinal);
        Assert.Contains(ErrorCodes.RequestTimeout, answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Track_BodyThatTakesLongerThanAPauseMay_IsAccepted()
    {
        await using var ingestion = await StartAsync(await emulator.NewProjectAsync(), Idle);
        var body = """{"events":[{"user_id":"u","event_type":"t"}]}""".PadRight(FastStart);
        using var client = new TcpClient();
        await client.ConnectAsync(ingestion.Client.BaseAddress!.Host, ingestion.Client.BaseAddress.Port, TestContext.Current.CancellationToken);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST {BatchPath} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n{InternalHeaders.Secret}: {Secret}\r\n" +
            $"{InternalHeaders.Project}: {Project}\r\n{InternalHeaders.Environment}: {Environments.Live}\r\nContent-Length: {body.Length}\r\n\r\n"),
            TestContext.Current.CancellationToken);

        // Four seconds in pieces of a third of a second.
        foreach (var piece in Encoding.ASCII.GetBytes(body).Chunk(body.Length / 12))
        {
            await stream.WriteAsync(piece, TestContext.Current.CancellationToken);
            await Task.Delay(TimeSpan.FromSeconds(1.0 / 3), TestContext.Current.CancellationToken);
        }

        using var reader = new StreamReader(stream);
        Assert.StartsWith("HTTP/1.1 202", await reader.ReadToEndAsync(TestContext.Current.CancellationToken).Patiently(), StringComparison.Ordinal);
    }
}

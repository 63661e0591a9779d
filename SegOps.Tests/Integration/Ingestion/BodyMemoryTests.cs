using System.Net;
using System.Net.Sockets;
using System.Text;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;
using static SegOps.Tests.Integration.Ingestion.IngestionUnderTest;

namespace SegOps.Tests.Integration.Ingestion;

public sealed class BodyMemoryTests(PubSubEmulatorFixture emulator)
{
    /// <summary>Room for one of them, not for two.</summary>
    private const int BodyBytes = 6_000_000;
    private const string Limit = "--Bodies:MaxBytesInFlight=10485760";

    [Fact]
    public async Task Track_WhileAnotherBodyTakesTheRoom_IsOverloaded()
    {
        await using var ingestion = await StartAsync(await emulator.NewProjectAsync(), Limit);
        using var slow = await SendMostOfABodyAsync(ingestion);

        using var answer = await PostUntilAsync(ingestion, HttpStatusCode.ServiceUnavailable).Patiently();

        await AssertProblemAsync(HttpStatusCode.ServiceUnavailable, ErrorCodes.Overloaded, answer);
        Assert.NotNull(answer.Headers.RetryAfter);
    }

    [Fact]
    public async Task Track_AfterTheOtherBodyWasGivenUp_IsReadAgain()
    {
        await using var ingestion = await StartAsync(await emulator.NewProjectAsync(), Limit);
        using (await SendMostOfABodyAsync(ingestion))
            (await PostUntilAsync(ingestion, HttpStatusCode.ServiceUnavailable).Patiently()).Dispose();

        using var answer = await PostUntilAsync(ingestion, HttpStatusCode.BadRequest).Patiently();

        await AssertProblemAsync(HttpStatusCode.BadRequest, ErrorCodes.MalformedJson, answer);
    }

    private static async Task<TcpClient> SendMostOfABodyAsync(IngestionUnderTest ingestion)
    {
        var client = new TcpClient();
        await client.ConnectAsync(ingestion.Client.BaseAddress!.Host, ingestion.Client.BaseAddress.Port, TestContext.Current.CancellationToken);
        var head = $"POST {BatchPath} HTTP/1.1\r\nHost: x\r\nContent-Length: {BodyBytes + 1}\r\nContent-Type: application/json\r\n" +
            $"{InternalHeaders.Secret}: {Secret}\r\n{InternalHeaders.Project}: {Project}\r\n{InternalHeaders.Environment}: {Environments.Live}\r\n\r\n";
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head + new string(' ', BodyBytes)), TestContext.Current.CancellationToken);
        return client;
    }

    /// <summary>Sends a body that is only white space until it is answered so: the other body comes and goes in its own time.</summary>
    private static async Task<HttpResponseMessage> PostUntilAsync(IngestionUnderTest ingestion, HttpStatusCode status)
    {
        while (true)
        {
            var answer = await ingestion.PostAsync(BatchPath, new string(' ', BodyBytes));
            if (answer.StatusCode == status)
                return answer;
            answer.Dispose();
        }
    }
}

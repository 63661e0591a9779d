using System.Net;
using System.Net.Sockets;
using SegOps.Bench.Processes;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;
using static SegOps.Tests.Integration.Ingestion.IngestionUnderTest;

namespace SegOps.Tests.Integration.Ingestion;

public sealed class PublishFailureTests(PubSubEmulatorFixture pubSub)
{
    private const string Event = """{"user_id":"u","event_type":"t"}""";

    [Fact]
    public async Task Track_PubSubUnreachable_Is503WithRetryAfter()
    {
        await using var ingestion = await StartAsync($"Endpoint=http://127.0.0.1:{FreePort.Next()};ProjectId=test-project", "--PubSub:Publisher:MessageDeadline=00:00:00.3");

        var answer = await ingestion.PostAsync(SinglePath, Event);

        await AssertProblemAsync(HttpStatusCode.ServiceUnavailable, ErrorCodes.StreamUnavailable, answer);
        Assert.Equal(TimeSpan.FromSeconds(5), answer.Headers.RetryAfter?.Delta);
    }

    [Fact]
    public async Task TrackBatch_PubSubSilent_Is503ForTheWholeBatch()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var ingestion = await StartAsync($"Endpoint=http://{silent.LocalEndpoint};ProjectId=test-project", "--PubSub:Publisher:MessageDeadline=00:00:00.3");

        var answer = await ingestion.PostAsync(BatchPath, $$"""{"events":[{{Event}},{"user_id":1}]}""");

        var problem = await AssertProblemAsync(HttpStatusCode.ServiceUnavailable, ErrorCodes.StreamUnavailable, answer);
        Assert.False(problem.TryGetProperty("errors", out _));
    }

    [Fact]
    public async Task Health_PubSubUnreachable_IsUnhealthy()
    {
        await using var ingestion = await StartAsync($"Endpoint=http://127.0.0.1:{FreePort.Next()};ProjectId=test-project");

        var health = await ingestion.Client.GetAsync(new Uri("/health", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
    }

    [Fact]
    public async Task Track_TopicMissingInProduction_Is503()
    {
        await using var ingestion = await StartAsync(await pubSub.NewProjectAsync(), "--PubSub:CreateTopology=false");

        var answer = await ingestion.PostAsync(SinglePath, Event);

        await AssertProblemAsync(HttpStatusCode.ServiceUnavailable, ErrorCodes.StreamUnavailable, answer);
    }

    [Fact]
    public async Task Health_TopicMissingInProduction_IsUnhealthyAndNamesIt()
    {
        await using var ingestion = await StartAsync(await pubSub.NewProjectAsync(), "--PubSub:CreateTopology=false");

        var health = await ingestion.Client.GetAsync(new Uri("/health", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
        Assert.Contains(Streams.EventsTopic, await health.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }
}

using System.Net;
using SegOps.Tests.Fixtures;
using SegOps.Tests.Integration.PubSub;
using static SegOps.Tests.Integration.Ingestion.IngestionUnderTest;

namespace SegOps.Tests.Integration.Ingestion;

public sealed class ShutdownTests
{
    private const string Event = """{"user_id":"u","event_type":"t"}""";

    [Fact]
    public async Task Stop_PubSubHasNotConfirmedYet_AnswersOnceItHas()
    {
        var confirmed = new TaskCompletionSource();
        await using var pubSub = await FakePubSub.StartAsync();
        pubSub.OnPublish = (_, _) => confirmed.Task;
        await using var ingestion = await StartAsync(pubSub.ConnectionString);
        var answering = ingestion.PostAsync(SinglePath, Event);
        await Eventually.TrueAsync(() => !pubSub.Publishes.IsEmpty, "the event is on its way");

        var stopping = ingestion.BeginStop();
        confirmed.SetResult();

        Assert.Equal(HttpStatusCode.Accepted, (await answering).StatusCode);
        await stopping;
    }

    [Fact]
    public async Task Stop_PubSubDoesNotConfirm_Answers503()
    {
        await using var pubSub = await FakePubSub.StartAsync();
        pubSub.OnPublish = (_, call) => Task.Delay(Timeout.Infinite, call);
        await using var ingestion = await StartAsync(pubSub.ConnectionString, "--PubSub:Publisher:MessageDeadline=00:00:01");
        var answering = ingestion.PostAsync(SinglePath, Event);
        await Eventually.TrueAsync(() => !pubSub.Publishes.IsEmpty, "the event is on its way");

        var stopping = ingestion.BeginStop();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await answering).StatusCode);
        await stopping;
    }

    [Fact]
    public async Task Stop_RefusalNotPublishedYet_PublishesItFirst()
    {
        var confirmed = new TaskCompletionSource();
        await using var pubSub = await FakePubSub.StartAsync();
        pubSub.OnPublish = (_, _) => confirmed.Task;
        await using var ingestion = await StartAsync(pubSub.ConnectionString);
        await ingestion.PostAsync(SinglePath, """{"user_id":"u"}""");

        var stopping = ingestion.BeginStop();
        confirmed.SetResult();
        await stopping;

        Assert.Contains(pubSub.Publishes, call => call.Topic.EndsWith(Contracts.Streams.RejectionsTopic, StringComparison.Ordinal));
    }
}

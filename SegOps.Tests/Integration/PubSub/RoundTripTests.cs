using System.Diagnostics;
using SegOps.PubSub.Subscribing;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.PubSub;

public sealed class RoundTripTests(PubSubEmulatorFixture emulator)
{
    [Fact]
    public async Task PublishAsync_BytesAndAttributes_AreReceivedAsTheyWere()
    {
        await using var host = new PubSubHost(await emulator.NewProjectAsync());
        byte[] data = [0, 1, 2, 254, 255];
        var attributes = new Dictionary<string, string> { ["segops-count"] = "3", ["ünïcode"] = "✓" };

        var id = await host.Publisher.PublishAsync(new(data, attributes), TestContext.Current.CancellationToken);
        var message = await ReceiveAsync(host);

        Assert.Equal(id, message.MessageId);
        Assert.Equal(data, message.Data.ToArray());
        Assert.Equal(attributes, message.Attributes.Where(attribute => attribute.Key != "googclient_traceparent").ToDictionary());
        Assert.Equal(1, message.DeliveryAttempt);
    }

    [Fact]
    public async Task PublishAsync_WithinATrace_IsReceivedWithTheProducersSpan()
    {
        await using var host = new PubSubHost(await emulator.NewProjectAsync());
        var spans = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "SegOps.PubSub",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Add,
        };
        ActivitySource.AddActivityListener(listener);
        using var request = new Activity("request").Start();

        await host.PublishAsync("traced");
        var message = await ReceiveAsync(host);

        var span = Assert.Single(spans, span => span.TraceId == request.TraceId);
        Assert.Equal(("send segops-events", ActivityKind.Producer, request.SpanId), (span.OperationName, span.Kind, span.ParentSpanId));
        Assert.Equal((span.TraceId, span.SpanId), (message.TraceParent.TraceId, message.TraceParent.SpanId));
    }

    [Fact]
    public async Task Nack_Message_IsDeliveredAgain()
    {
        await using var host = new PubSubHost(await emulator.NewProjectAsync());
        await host.PublishAsync("again");

        var attempts = new List<int>();
        await foreach (var message in host.Subscriber.ReadAsync(TestContext.Current.CancellationToken).Patiently())
        {
            attempts.Add(message.DeliveryAttempt);
            if (attempts.Count == 2)
            {
                message.Ack();
                break;
            }
            message.Nack();
        }

        Assert.Equal([1, 2], attempts);
    }

    [Fact]
    public async Task ReadAsync_StoppedAndReadAgainElsewhere_LosesNothing()
    {
        const int Count = 300;
        var connection = await emulator.NewProjectAsync();
        var acked = new HashSet<string>();
        await using var first = new PubSubHost(connection);
        await Task.WhenAll(Enumerable.Range(0, Count).Select(i => first.PublishAsync($"{i}")));

        using var stopping = new CancellationTokenSource();
        await foreach (var message in first.Subscriber.ReadAsync(stopping.Token).Patiently())
        {
            acked.Add(PubSubHost.Text(message));
            message.Ack();
            if (acked.Count == 10)
                await stopping.CancelAsync();
        }
        await first.Subscriber.FlushAsync(TestContext.Current.CancellationToken);

        await using var second = new PubSubHost(connection);
        await foreach (var message in second.Subscriber.ReadAsync(TestContext.Current.CancellationToken).Patiently())
        {
            acked.Add(PubSubHost.Text(message));
            message.Ack();
            if (acked.Count == Count)
                break;
        }

        Assert.Equal(Count, acked.Count);
    }

    private static async Task<ReceivedMessage> ReceiveAsync(PubSubHost host)
    {
        await foreach (var message in host.Subscriber.ReadAsync(TestContext.Current.CancellationToken).Patiently())
        {
            message.Ack();
            return message;
        }
        throw new InvalidOperationException("The stream ended.");
    }
}

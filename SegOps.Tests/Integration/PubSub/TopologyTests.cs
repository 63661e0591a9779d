using Microsoft.Extensions.DependencyInjection;
using SegOps.Contracts;
using SegOps.PubSub.Connection;
using SegOps.PubSub.Protocol;
using SegOps.PubSub.Topology;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.PubSub;

public sealed class TopologyTests(PubSubEmulatorFixture emulator)
{
    [Fact]
    public async Task EnsureAsync_NewProject_HasEverySubscriptionWithItsPolicies()
    {
        await using var host = new PubSubHost(await emulator.NewProjectAsync(), ["Subscriber:AckDeadline=00:00:20"]);
        var client = host.Services.GetRequiredService<PubSubClient>();

        await host.Services.GetRequiredService<TopologyInitializer>().EnsureAsync(TestContext.Current.CancellationToken);

        foreach (var (topic, subscription) in new[]
        {
            (Streams.EventsTopic, Streams.EventsSubscription),
            (Streams.LateEventsTopic, Streams.LateEventsSubscription),
            (Streams.EventsDeadLetterTopic, Streams.EventsDeadLetterSubscription),
            (Streams.RejectionsTopic, Streams.RejectionsSubscription),
            (Streams.RejectionsDeadLetterTopic, Streams.RejectionsDeadLetterSubscription),
            (Streams.ReceivedTopic, Streams.ReceivedSubscription),
            (Streams.ReceivedDeadLetterTopic, Streams.ReceivedDeadLetterSubscription),
        })
        {
            var created = await GetAsync(client, subscription);
            Assert.Equal(client.Connection.Topic(topic), created.Topic);
            Assert.Equal((20, 7 * 86_400), (created.AckDeadlineSeconds, created.MessageRetentionDuration.Seconds));
        }
    }

    [Theory]
    [InlineData(Streams.EventsSubscription, Streams.EventsDeadLetterTopic)]
    [InlineData(Streams.LateEventsSubscription, Streams.EventsDeadLetterTopic)]
    [InlineData(Streams.RejectionsSubscription, Streams.RejectionsDeadLetterTopic)]
    [InlineData(Streams.ReceivedSubscription, Streams.ReceivedDeadLetterTopic)]
    public async Task EnsureAsync_NewProject_GivesUpMessagesIntoADeadLetterTopic(string subscription, string deadLetterTopic)
    {
        await using var host = new PubSubHost(await emulator.NewProjectAsync());
        var client = host.Services.GetRequiredService<PubSubClient>();

        await host.Services.GetRequiredService<TopologyInitializer>().EnsureAsync(TestContext.Current.CancellationToken);

        var policy = (await GetAsync(client, subscription)).DeadLetterPolicy;
        Assert.Equal((client.Connection.Topic(deadLetterTopic), Streams.MaxDeliveryAttempts), (policy.DeadLetterTopic, policy.MaxDeliveryAttempts));
    }

    [Fact]
    public async Task EnsureAsync_CreatedByAnotherServiceBefore_Succeeds()
    {
        var connection = await emulator.NewProjectAsync();
        await using var first = new PubSubHost(connection);
        await using var second = new PubSubHost(connection);

        await first.Services.GetRequiredService<TopologyInitializer>().EnsureAsync(TestContext.Current.CancellationToken);
        await second.Services.GetRequiredService<TopologyInitializer>().EnsureAsync(TestContext.Current.CancellationToken);

        await second.PublishAsync("x").Patiently();
    }

    private static async Task<Subscription> GetAsync(PubSubClient client, string subscription) => await client.Subscriber.GetSubscriptionAsync(
        new() { Subscription = client.Connection.Subscription(subscription) }, cancellationToken: TestContext.Current.CancellationToken);
}

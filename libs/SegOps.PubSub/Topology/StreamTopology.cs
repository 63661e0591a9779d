using Google.Protobuf.WellKnownTypes;
using SegOps.Contracts;
using SegOps.PubSub.Connection;
using SegOps.PubSub.Protocol;

namespace SegOps.PubSub.Topology;

/// <summary>The topics and subscriptions of <see cref="Streams"/>, declared once; production creates the same with its own tools.</summary>
internal static class StreamTopology
{
    /// <summary>Pub/Sub keeps what is not acked for so long: the service's own default and, without extra cost, its longest.</summary>
    private static readonly Duration Retention = Duration.FromTimeSpan(TimeSpan.FromDays(7));

    /// <summary>Topics and subscriptions, leasing for <paramref name="ackDeadline"/>, in the order in which they can be created, each topic directly before its subscription.</summary>
    public static IReadOnlyList<(Topic Topic, Subscription Subscription)> Of(PubSubConnection connection, TimeSpan ackDeadline) =>
    [
        Pair(connection, ackDeadline, Streams.EventsDeadLetterTopic, Streams.EventsDeadLetterSubscription),
        Pair(connection, ackDeadline, Streams.EventsTopic, Streams.EventsSubscription, new DeadLetterPolicy
        {
            DeadLetterTopic = connection.Topic(Streams.EventsDeadLetterTopic),
            MaxDeliveryAttempts = Streams.MaxDeliveryAttempts,
        }),
        Pair(connection, ackDeadline, Streams.RejectionsTopic, Streams.RejectionsSubscription),
    ];

    private static (Topic, Subscription) Pair(
        PubSubConnection connection, TimeSpan ackDeadline, string topic, string subscription, DeadLetterPolicy? deadLetters = null) =>
    (
        new Topic { Name = connection.Topic(topic) },
        new Subscription
        {
            Name = connection.Subscription(subscription),
            Topic = connection.Topic(topic),
            AckDeadlineSeconds = (int)ackDeadline.TotalSeconds,
            MessageRetentionDuration = Retention,
            ExpirationPolicy = new(),
            // Without a retry policy: the emulator adds its pause, growing by a second each time, to every lease that ends. An ingestor nacks
            // only when it stops, so that there is nobody to spare.
            DeadLetterPolicy = deadLetters,
        }
    );
}

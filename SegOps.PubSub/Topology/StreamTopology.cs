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

    /// <summary>Topics and subscriptions in the order in which they can be created, each topic directly before its subscription.</summary>
    public static IReadOnlyList<(Topic Topic, Subscription Subscription)> Of(PubSubConnection connection) =>
    [
        Pair(connection, Streams.EventsDeadLetterTopic, Streams.EventsDeadLetterSubscription),
        Pair(connection, Streams.EventsTopic, Streams.EventsSubscription, new DeadLetterPolicy
        {
            DeadLetterTopic = connection.Topic(Streams.EventsDeadLetterTopic),
            MaxDeliveryAttempts = Streams.MaxDeliveryAttempts,
        }),
        Pair(connection, Streams.RejectionsTopic, Streams.RejectionsSubscription),
    ];

    private static (Topic, Subscription) Pair(PubSubConnection connection, string topic, string subscription, DeadLetterPolicy? deadLetters = null) =>
    (
        new Topic { Name = connection.Topic(topic) },
        new Subscription
        {
            Name = connection.Subscription(subscription),
            Topic = connection.Topic(topic),
            AckDeadlineSeconds = 60,
            MessageRetentionDuration = Retention,
            ExpirationPolicy = new(),
            DeadLetterPolicy = deadLetters,
            // The first redelivery is quick, for a nack means that an ingestor stopped; the later ones spare a sick one.
            RetryPolicy = new()
            {
                MinimumBackoff = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(100)),
                MaximumBackoff = Duration.FromTimeSpan(TimeSpan.FromSeconds(60)),
            },
        }
    );
}

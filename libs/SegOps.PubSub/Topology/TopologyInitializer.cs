using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SegOps.Contracts;
using SegOps.PubSub.Configuration;
using SegOps.PubSub.Connection;
using SegOps.PubSub.Protocol;

namespace SegOps.PubSub.Topology;

/// <summary>Creates the topics and subscriptions in development, before their first use and after a restart of the emulator.</summary>
internal sealed partial class TopologyInitializer(PubSubClient client, IOptions<PubSubOptions> options, ILogger<TopologyInitializer> logger) : IDisposable
{
    private readonly SemaphoreSlim _one = new(1);
    private volatile bool _ensured;

    /// <summary>False in production, where a missing topic is an error.</summary>
    public bool Creates { get; } = options.Value.CreateTopology ?? client.Connection.IsEmulator;

    /// <summary>Whether this failure can mean that the emulator restarted and lost its topics and subscriptions.</summary>
    public bool CanRecreate(StatusCode status) => Creates && status is StatusCode.NotFound or StatusCode.Unavailable;

    /// <summary>Makes the next <see cref="EnsureAsync"/> create them again.</summary>
    public void Invalidate() => _ensured = false;

    /// <summary>
    /// Creates missing topics and subscriptions once; does nothing in production. Publishers call it first, so that no message goes into
    /// a topic without a subscription.
    /// </summary>
    /// <exception cref="RpcException">Pub/Sub does not answer, or refuses.</exception>
    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        if (!Creates || _ensured)
            return;
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (_ensured)
                return;
            foreach (var (topic, subscription) in StreamTopology.Of(client.Connection, options.Value.Subscriber.AckDeadline))
            {
                await CreateAsync(call => client.Publisher.CreateTopicAsync(topic, call).ResponseAsync, topic.Name, cancellationToken);
                await CreateAsync(call => client.Subscriber.CreateSubscriptionAsync(subscription, call).ResponseAsync, subscription.Name, cancellationToken);
            }
            _ensured = true;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private async Task CreateAsync(Func<CallOptions, Task> create, string name, CancellationToken cancellationToken)
    {
        try
        {
            await create(client.Call(name, options.Value.AdminDeadline, cancellationToken));
            LogCreated(logger, name);
        }
        catch (RpcException failure) when (failure.StatusCode == StatusCode.AlreadyExists)
        {
            // Another service has created it.
        }
    }

    [LoggerMessage(LogLevel.Information, "Created {Name}.")]
    private static partial void LogCreated(ILogger logger, string name);
}

/// <summary>The topics and subscriptions of <see cref="Streams"/>, Production creates them with its own tools.</summary>
internal static class StreamTopology
{
    /// <summary>Retention of unacked messages: Pub/Sub's default, and the maximum without extra cost.</summary>
    private static readonly Duration Retention = Duration.FromTimeSpan(TimeSpan.FromDays(7));

    /// <summary>Topics and subscriptions with <paramref name="ackDeadline"/> in order of creation: each topic, then its subscription.</summary>
    public static IReadOnlyList<(Topic Topic, Subscription Subscription)> Of(PubSubConnection connection, TimeSpan ackDeadline) =>
    [
        Pair(connection, ackDeadline, Streams.EventsDeadLetterTopic, Streams.EventsDeadLetterSubscription),
        Pair(connection, ackDeadline, Streams.EventsTopic, Streams.EventsSubscription, Streams.EventsDeadLetterTopic),
        Pair(connection, ackDeadline, Streams.LateEventsTopic, Streams.LateEventsSubscription, Streams.EventsDeadLetterTopic),
        Pair(connection, ackDeadline, Streams.RejectionsDeadLetterTopic, Streams.RejectionsDeadLetterSubscription),
        Pair(connection, ackDeadline, Streams.RejectionsTopic, Streams.RejectionsSubscription, Streams.RejectionsDeadLetterTopic),
        Pair(connection, ackDeadline, Streams.ReceivedDeadLetterTopic, Streams.ReceivedDeadLetterSubscription),
        Pair(connection, ackDeadline, Streams.ReceivedTopic, Streams.ReceivedSubscription, Streams.ReceivedDeadLetterTopic),
    ];

    private static (Topic, Subscription) Pair(
        PubSubConnection connection, TimeSpan ackDeadline, string topic, string subscription, string? deadLetterTopic = null) =>
    (
        new Topic { Name = connection.Topic(topic) },
        new Subscription
        {
            Name = connection.Subscription(subscription),
            Topic = connection.Topic(topic),
            AckDeadlineSeconds = (int)ackDeadline.TotalSeconds,
            MessageRetentionDuration = Retention,
            ExpirationPolicy = new(),
            // No retry policy: the emulator adds its pause, which grows by one second each time, to every ended lease. An ingestor nacks only when
            // it stops or has stopped receiving, so a pause would protect nothing.
            DeadLetterPolicy = deadLetterTopic is null ? null : new()
            {
                DeadLetterTopic = connection.Topic(deadLetterTopic),
                MaxDeliveryAttempts = Streams.MaxDeliveryAttempts,
            },
        }
    );
}

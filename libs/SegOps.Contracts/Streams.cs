namespace SegOps.Contracts;

/// <summary>Pub/Sub topics and subscriptions, as short names within the Pub/Sub project.</summary>
public static class Streams
{
    /// <summary>Accepted events.</summary>
    public const string EventsTopic = "segops-events";

    /// <summary>The ingestor's subscription to <see cref="EventsTopic"/>.</summary>
    public const string EventsSubscription = "segops-events-ingestor";

    /// <summary>Accepted events of requests with an event before <see cref="LateBefore"/>. They take a lane of their own, so that others never wait for them.</summary>
    public const string LateEventsTopic = "segops-events-late";

    /// <summary>The ingestor's subscription to <see cref="LateEventsTopic"/>. Its dead-letter topic is that of the other events.</summary>
    public const string LateEventsSubscription = "segops-events-late-ingestor";

    /// <summary>Pub/Sub's dead-letter topic, for messages without an ack after <see cref="MaxDeliveryAttempts"/> deliveries.</summary>
    public const string EventsDeadLetterTopic = "segops-events-dead-letter";

    /// <summary>The ingestor's subscription to <see cref="EventsDeadLetterTopic"/>.</summary>
    public const string EventsDeadLetterSubscription = "segops-events-dead-letter-hold";

    /// <summary>Rejected events and warnings.</summary>
    public const string RejectionsTopic = "segops-rejections";

    /// <summary>The ingestor's subscription to <see cref="RejectionsTopic"/>.</summary>
    public const string RejectionsSubscription = "segops-rejections-ingestor";

    /// <summary>Pub/Sub's dead-letter topic of <see cref="RejectionsSubscription"/>.</summary>
    public const string RejectionsDeadLetterTopic = "segops-rejections-dead-letter";

    /// <summary>The ingestor's subscription to <see cref="RejectionsDeadLetterTopic"/>.</summary>
    public const string RejectionsDeadLetterSubscription = "segops-rejections-dead-letter-hold";

    /// <summary>Ingestion's own counts of what it answered, for the event audit.</summary>
    public const string ReceivedTopic = "segops-received";

    /// <summary>The ingestor's subscription to <see cref="ReceivedTopic"/>.</summary>
    public const string ReceivedSubscription = "segops-received-ingestor";

    /// <summary>Pub/Sub's dead-letter topic of <see cref="ReceivedSubscription"/>.</summary>
    public const string ReceivedDeadLetterTopic = "segops-received-dead-letter";

    /// <summary>The ingestor's subscription to <see cref="ReceivedDeadLetterTopic"/>.</summary>
    public const string ReceivedDeadLetterSubscription = "segops-received-dead-letter-hold";

    /// <summary>Deliveries before Pub/Sub dead-letters a message. Pub/Sub allows 5 to 100.</summary>
    public const int MaxDeliveryAttempts = 100;

    /// <summary>
    /// The time before which an event of a request received at <paramref name="receivedAt"/> is late: the start of the month before that of the receipt.
    /// The events table has a partition for each month, and each partition that an insert touches costs as much as a small insert. Other events touch
    /// three partitions at most.
    /// </summary>
    public static DateTime LateBefore(DateTimeOffset receivedAt) =>
        new DateTime(receivedAt.UtcDateTime.Year, receivedAt.UtcDateTime.Month, 1, 0, 0, 0, DateTimeKind.Utc).AddMonths(-1);
}

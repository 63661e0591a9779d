namespace SegOps.Contracts;

/// <summary>Pub/Sub topics and subscriptions, as short names within the Pub/Sub project.</summary>
public static class Streams
{
    /// <summary>Accepted events.</summary>
    public const string EventsTopic = "segops-events";

    /// <summary>The ingestor's subscription to <see cref="EventsTopic"/>.</summary>
    public const string EventsSubscription = "segops-events-ingestor";

    /// <summary>Pub/Sub's dead-letter topic, for messages without an ack after <see cref="MaxDeliveryAttempts"/> deliveries.</summary>
    public const string EventsDeadLetterTopic = "segops-events-dead-letter";

    /// <summary>Retains the messages of <see cref="EventsDeadLetterTopic"/> for an operator.</summary>
    public const string EventsDeadLetterSubscription = "segops-events-dead-letter-hold";

    /// <summary>Rejected events and warnings.</summary>
    public const string RejectionsTopic = "segops-rejections";

    /// <summary>The ingestor's subscription to <see cref="RejectionsTopic"/>.</summary>
    public const string RejectionsSubscription = "segops-rejections-ingestor";

    /// <summary>Deliveries before Pub/Sub dead-letters a message. Pub/Sub allows 5 to 100.</summary>
    public const int MaxDeliveryAttempts = 100;
}

namespace SegOps.Contracts;

/// <summary>The Pub/Sub topics and subscriptions, as short names within the Pub/Sub project.</summary>
public static class Streams
{
    /// <summary>Accepted events.</summary>
    public const string EventsTopic = "segops-events";

    /// <summary>The ingestor's subscription to <see cref="EventsTopic"/>.</summary>
    public const string EventsSubscription = "segops-events-ingestor";

    /// <summary>Where Pub/Sub itself puts messages it could not deliver in <see cref="MaxDeliveryAttempts"/> attempts.</summary>
    public const string EventsDeadLetterTopic = "segops-events-dead-letter";

    /// <summary>Keeps what reaches <see cref="EventsDeadLetterTopic"/> until somebody looks.</summary>
    public const string EventsDeadLetterSubscription = "segops-events-dead-letter-hold";

    /// <summary>Events that validation refused, and warnings.</summary>
    public const string RejectionsTopic = "segops-rejections";

    /// <summary>The ingestor's subscription to <see cref="RejectionsTopic"/>.</summary>
    public const string RejectionsSubscription = "segops-rejections-ingestor";

    /// <summary>Deliveries before Pub/Sub dead-letters a message; the service allows 5 to 100.</summary>
    public const int MaxDeliveryAttempts = 100;
}

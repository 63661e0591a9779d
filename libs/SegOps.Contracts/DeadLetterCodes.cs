namespace SegOps.Contracts;

/// <summary>Codes of dead letters that other services use. The others are <c>clickhouse_</c> with ClickHouse's number, and those of unreadable messages.</summary>
public static class DeadLetterCodes
{
    /// <summary>Pub/Sub delivered the message <see cref="Streams.MaxDeliveryAttempts"/> times without an ack. The letter is the whole message.</summary>
    public const string DeliveryAttemptsExhausted = "delivery_attempts_exhausted";
}

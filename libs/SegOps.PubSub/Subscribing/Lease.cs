namespace SegOps.PubSub.Subscribing;

/// <summary>The right to deal with one delivery of a message.</summary>
/// <param name="ackId">Names the delivery to Pub/Sub.</param>
/// <param name="bytes">Size of the message.</param>
/// <param name="receivedAt">Timestamp of the clock.</param>
/// <param name="length">See <see cref="Length"/>.</param>
internal sealed class Lease(string ackId, int bytes, long receivedAt, TimeSpan length)
{
    public string AckId { get; } = ackId;

    public int Bytes { get; } = bytes;

    public long ReceivedAt { get; } = receivedAt;

    /// <summary>Timestamp from which the lease runs: the delivery, then the latest extension.</summary>
    public long RunsFrom { get; set; } = receivedAt;

    /// <summary>How long it lasts from <see cref="RunsFrom"/>.</summary>
    public TimeSpan Length { get; set; } = length;
}

using System.Diagnostics;

namespace SegOps.PubSub;

/// <summary>A message whose lease is extended until it is acked or nacked.</summary>
public sealed class ReceivedMessage
{
    private readonly Action<ReceivedMessage, bool> _settle;
    private int _settled;

    /// <param name="messageId">The id that Pub/Sub gave the message.</param>
    /// <param name="data">The payload.</param>
    /// <param name="attributes">The attributes.</param>
    /// <param name="deliveryAttempt">See <see cref="DeliveryAttempt"/>.</param>
    /// <param name="traceParent">See <see cref="TraceParent"/>.</param>
    /// <param name="settle">Called once: true on an ack, false on a nack.</param>
    internal ReceivedMessage(
        string messageId,
        ReadOnlyMemory<byte> data,
        IReadOnlyDictionary<string, string> attributes,
        int deliveryAttempt,
        ActivityContext traceParent,
        Action<ReceivedMessage, bool> settle)
    {
        MessageId = messageId;
        Data = data;
        Attributes = attributes;
        DeliveryAttempt = deliveryAttempt;
        TraceParent = traceParent;
        _settle = settle;
    }

    /// <summary>The id that Pub/Sub gave the message; the same in every delivery.</summary>
    public string MessageId { get; }

    /// <summary>The payload.</summary>
    public ReadOnlyMemory<byte> Data { get; }

    /// <summary>The attributes.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; }

    /// <summary>1 for the first delivery; 0 when the subscription has no dead-letter policy.</summary>
    public int DeliveryAttempt { get; }

    /// <summary>The publisher's span, from <c>googclient_traceparent</c>; default when absent or malformed.</summary>
    public ActivityContext TraceParent { get; }

    /// <summary>The message is dealt with. Sent in the background; a lost ack means another delivery, so consumers are idempotent.</summary>
    public void Ack() => Settle(acked: true);

    /// <summary>The message shall be delivered again, at once; counts as a delivery attempt.</summary>
    public void Nack() => Settle(acked: false);

    private void Settle(bool acked)
    {
        if (Interlocked.Exchange(ref _settled, 1) == 0)
            _settle(this, acked);
    }
}

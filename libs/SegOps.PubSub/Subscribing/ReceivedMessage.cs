using System.Diagnostics;

namespace SegOps.PubSub.Subscribing;

/// <summary>A message whose lease is extended until it is acked or nacked.</summary>
public sealed class ReceivedMessage
{
    private readonly Action<ReceivedMessage, bool> _complete;
    private int _completed;

    /// <param name="messageId">See <see cref="MessageId"/>.</param>
    /// <param name="data">The payload.</param>
    /// <param name="attributes">The attributes.</param>
    /// <param name="deliveryAttempt">See <see cref="DeliveryAttempt"/>.</param>
    /// <param name="traceParent">See <see cref="TraceParent"/>.</param>
    /// <param name="complete">Called once: true on an ack, false on a nack.</param>
    internal ReceivedMessage(
        string messageId,
        ReadOnlyMemory<byte> data,
        IReadOnlyDictionary<string, string> attributes,
        int deliveryAttempt,
        ActivityContext traceParent,
        Action<ReceivedMessage, bool> complete)
    {
        MessageId = messageId;
        Data = data;
        Attributes = attributes;
        DeliveryAttempt = deliveryAttempt;
        TraceParent = traceParent;
        _complete = complete;
    }

    /// <summary>The message's id in Pub/Sub, equal in every delivery.</summary>
    public string MessageId { get; }

    /// <summary>The payload.</summary>
    public ReadOnlyMemory<byte> Data { get; }

    /// <summary>The attributes.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; }

    /// <summary>1 for the first delivery; 0 if the subscription has no dead-letter policy.</summary>
    public int DeliveryAttempt { get; }

    /// <summary>The publisher's span, from <c>googclient_traceparent</c>; default if absent or malformed.</summary>
    public ActivityContext TraceParent { get; }

    /// <summary>Acknowledges the message in the background. A lost ack causes another delivery, so consumers must be idempotent.</summary>
    public void Ack() => Complete(acked: true);

    /// <summary>Requests immediate redelivery, which counts as a delivery attempt.</summary>
    public void Nack() => Complete(acked: false);

    private void Complete(bool acked)
    {
        if (Interlocked.Exchange(ref _completed, 1) == 0)
            _complete(this, acked);
    }
}

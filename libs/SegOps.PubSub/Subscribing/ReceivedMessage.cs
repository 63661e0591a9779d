using System.Diagnostics;

namespace SegOps.PubSub.Subscribing;

/// <summary>A message whose lease is extended until it is acked or nacked, or held for too long.</summary>
public sealed class ReceivedMessage
{
    private const int Held = 0;
    private const int Completed = 1;
    private const int Returned = 2;

    private readonly Action<ReceivedMessage, bool> _complete;
    private TaskCompletionSource? _givenBack;
    private int _state;

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

    /// <summary>Whether the message was held for too long and nacked. Another subscriber may hold it now; an ack does nothing.</summary>
    public bool IsGivenBack => Volatile.Read(ref _state) == Returned;

    /// <summary>Completes with <see cref="IsGivenBack"/>; never for a message that its consumer acks or nacks first.</summary>
    public Task GivenBack
    {
        get
        {
            var source = LazyInitializer.EnsureInitialized(ref _givenBack, static () => new(TaskCreationOptions.RunContinuationsAsynchronously));
            if (IsGivenBack)
                source.TrySetResult();
            return source.Task;
        }
    }

    /// <summary>The publisher's span, from <c>googclient_traceparent</c>; default if absent or malformed.</summary>
    public ActivityContext TraceParent { get; }

    /// <summary>Acknowledges the message in the background. A lost ack causes another delivery, so consumers must be idempotent.</summary>
    public void Ack() => Complete(acked: true, Completed);

    /// <summary>Requests immediate redelivery, which counts as a delivery attempt.</summary>
    public void Nack() => Complete(acked: false, Completed);

    /// <summary>Nacks the message for its consumer.</summary>
    internal void GiveBack()
    {
        if (Complete(acked: false, Returned))
            Volatile.Read(ref _givenBack)?.TrySetResult();
    }

    private bool Complete(bool acked, int state)
    {
        if (Interlocked.CompareExchange(ref _state, state, Held) != Held)
            return false;
        _complete(this, acked);
        return true;
    }
}

using System.Text;
using Google.Protobuf;
using SegOps.PubSub.Protocol;
using SegOps.PubSub.Telemetry;

namespace SegOps.PubSub.Publishing;

/// <summary>A message that waits for its confirmation, and its waiting caller.</summary>
internal sealed class PendingMessage
{
    private readonly TaskCompletionSource<string> _confirmed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private PendingMessage(PubsubMessage message, long deadline)
    {
        Message = message;
        Bytes = message.CalculateSize();
        Deadline = deadline;
    }

    public PubsubMessage Message { get; }

    /// <summary>The size in the request.</summary>
    public int Bytes { get; }

    /// <summary>The clock's timestamp at which the caller stops waiting.</summary>
    public long Deadline { get; }

    /// <summary>Completes with the message's id.</summary>
    public Task<string> Confirmed => _confirmed.Task;

    /// <summary>Whether the result is known, or the caller has stopped waiting.</summary>
    public bool IsCompleted => _confirmed.Task.IsCompleted;

    /// <summary>Checks Pub/Sub's limits (https://cloud.google.com/pubsub/quotas), so that an invalid message does not fail others in its call.</summary>
    /// <exception cref="PublishException">The message exceeds a limit.</exception>
    public static PendingMessage From(OutgoingMessage outgoing, string? traceParent, long deadline)
    {
        var message = new PubsubMessage { Data = UnsafeByteOperations.UnsafeWrap(outgoing.Data) };
        foreach (var (key, value) in outgoing.Attributes)
            message.Attributes.Add(key, value);
        if (traceParent is not null)
            message.Attributes[PubSubTelemetry.TraceParentAttribute] = traceParent;

        var pending = new PendingMessage(message, deadline);
        if (pending.Bytes > OutgoingMessage.MaxBytes)
            throw Refused($"A message takes at most {OutgoingMessage.MaxBytes} bytes with its attributes; this one has {pending.Bytes}.");
        if (outgoing.Data.IsEmpty && outgoing.Attributes.Count == 0)
            throw Refused("A message needs data or an attribute.");
        if (message.Attributes.Count > 100)
            throw Refused("A message takes at most 100 attributes.");
        foreach (var (key, value) in message.Attributes)
            if (key.Length == 0 || Encoding.UTF8.GetByteCount(key) > 256 || Encoding.UTF8.GetByteCount(value) > 1024)
                throw Refused("An attribute must have a key of 1 to 256 bytes and a value of at most 1024 bytes.");
        return pending;
    }

    public void Confirm(string messageId) => _confirmed.TrySetResult(messageId);

    public void Fail(PublishException failure) => _confirmed.TrySetException(failure);

    /// <summary>Stops the caller's wait. A message that is not on the wire yet is not sent. False if the result was already known.</summary>
    public bool Abandon() => _confirmed.TrySetCanceled();

    private static PublishException Refused(string text) => new(PublishFailure.Refused, text);
}

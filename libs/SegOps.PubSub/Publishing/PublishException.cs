namespace SegOps.PubSub.Publishing;

/// <summary>The reason for which a message was not confirmed.</summary>
public enum PublishFailure
{
    /// <summary>The publisher's buffer is full. The message was not sent.</summary>
    BufferFull,

    /// <summary>No confirmation within the message's deadline. The message may have been sent.</summary>
    DeadlineExceeded,

    /// <summary>All attempts failed temporarily. The message may have been sent.</summary>
    Unavailable,

    /// <summary>The message is refused permanently: it exceeds a limit, or the topic or permission is missing.</summary>
    Refused,
}

/// <summary>Pub/Sub did not confirm a message. The text contains neither payload nor attributes.</summary>
public sealed class PublishException(PublishFailure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The reason.</summary>
    public PublishFailure Failure { get; } = failure;

    /// <summary>Whether publishing the same message later can succeed.</summary>
    public bool IsTransient => Failure is not PublishFailure.Refused;
}

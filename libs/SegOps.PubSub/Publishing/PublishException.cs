namespace SegOps.PubSub.Publishing;

/// <summary>Why a message was not confirmed.</summary>
public enum PublishFailure
{
    /// <summary>The publisher's buffer is full: Pub/Sub takes messages more slowly than they arrive. The message was not sent.</summary>
    BufferFull,

    /// <summary>No confirmation within the message's deadline; it may have been sent.</summary>
    DeadlineExceeded,

    /// <summary>Pub/Sub did not answer, or refused temporarily, in every attempt. The message may have been sent.</summary>
    Unavailable,

    /// <summary>Pub/Sub, or a limit checked here, refuses the message permanently, or the topic or the permission is missing.</summary>
    Refused,
}

/// <summary>Pub/Sub did not confirm a message. The text is free of payload and attributes.</summary>
public sealed class PublishException(PublishFailure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Why.</summary>
    public PublishFailure Failure { get; } = failure;

    /// <summary>Whether publishing the same message later can succeed.</summary>
    public bool IsTransient => Failure is not PublishFailure.Refused;
}

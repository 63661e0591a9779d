namespace SegOps.PubSub;

/// <summary>Why a message was not confirmed.</summary>
public enum PublishFailure
{
    /// <summary>The publisher's buffer is full: Pub/Sub takes less than is handed in. The message was not sent.</summary>
    BufferFull,

    /// <summary>No confirmation within the message's deadline; it may have been sent.</summary>
    DeadlineExceeded,

    /// <summary>Pub/Sub did not answer or refused for the time being, in every attempt; it may have been sent.</summary>
    Unavailable,

    /// <summary>Pub/Sub, or a limit checked here, refuses the message for good, or the topic or the permission is missing.</summary>
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

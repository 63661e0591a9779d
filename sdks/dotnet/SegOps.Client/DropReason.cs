namespace SegOps.Client;

/// <summary>Why an event was not delivered.</summary>
public enum DropReason
{
    /// <summary>The queue was full: <see cref="SegOpsOptions.MaxQueueEvents"/> or <see cref="SegOpsOptions.MaxQueueBytes"/>.</summary>
    QueueFull,

    /// <summary>The event breaks a rule of <see cref="ISegOpsClient.Track"/>, or its payload could not be serialised.</summary>
    Invalid,

    /// <summary>The payload is over 32,768 bytes, or the server refused the event alone because of its size.</summary>
    TooLarge,

    /// <summary>The server rejected the event.</summary>
    Rejected,

    /// <summary>The event could not be delivered within <see cref="SegOpsOptions.MaxEventAge"/>.</summary>
    Expired,

    /// <summary>The deadline of the shutdown came first.</summary>
    Shutdown,

    /// <summary>The event was tracked after the shutdown had begun.</summary>
    Closed,
}

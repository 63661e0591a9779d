namespace SegOps.Client.Events;

/// <summary>An event in its final form. Every attempt sends these bytes.</summary>
internal sealed class QueuedEvent(Guid id, string type, byte[] json, bool warnedOfType)
{
    public Guid Id { get; } = id;

    public string Type { get; } = type;

    public byte[] Json { get; } = json;

    /// <summary>Whether the client has warned that the type is not snake_case. The server warns again.</summary>
    public bool WarnedOfType { get; } = warnedOfType;

    /// <summary>Its place among all events of the client. Set by the queue.</summary>
    public long Sequence { get; set; }

    /// <summary>When it was tracked. Set by the queue.</summary>
    public TimeSpan TrackedAt { get; set; }

    /// <summary>Its place in the queue. Null when its fate is decided.</summary>
    public LinkedListNode<QueuedEvent>? Place { get; set; }
}

namespace SegOps.Monitoring.Receipts;

/// <summary>Where one event is; times are UTC. What is not known of it, or says nothing in its state, is absent.</summary>
internal sealed record Receipt
{
    /// <summary>The id that was asked for.</summary>
    public required Guid EventId { get; init; }

    /// <summary>One of <see cref="ReceiptStates"/>.</summary>
    public required string State { get; init; }

    /// <summary>Where it was looked for: the environment of the key.</summary>
    public required string Environment { get; init; }

    /// <summary>The event's type; of a refused event it is not kept.</summary>
    public string? EventType { get; init; }

    /// <summary>When it happened, as its client says.</summary>
    public DateTime? OccurredAt { get; init; }

    /// <summary>When its request was received; of several that brought the event the last.</summary>
    public DateTime? ReceivedAt { get; init; }

    /// <summary>When it was inserted, from when on it can be queried.</summary>
    public DateTime? StoredAt { get; init; }

    /// <summary>When the warehouse refused it first.</summary>
    public DateTime? DeadLetteredAt { get; init; }

    /// <summary>The request that was received then; not known while the event is in flight.</summary>
    public Guid? RequestId { get; init; }

    /// <summary>What the state means here, for people; absent where the other members say it all.</summary>
    public string? Reason { get; init; }

    /// <summary>Of a refused event, every fault for which it was refused last.</summary>
    public IReadOnlyList<ReceiptError>? Errors { get; init; }
}

/// <summary>One fault of a refused event.</summary>
/// <param name="Code">What is wrong.</param>
/// <param name="Field">The field at fault; empty when it is the whole event or request.</param>
/// <param name="Message">What the client was told.</param>
/// <param name="Fix">How to mend it.</param>
internal sealed record ReceiptError(string Code, string Field, string Message, string Fix);

/// <summary>Where an event can be. Of several that are true of one id the first of this list is told.</summary>
internal static class ReceiptStates
{
    /// <summary>It can be queried.</summary>
    internal const string Stored = "stored";

    /// <summary>It was accepted, the warehouse refused it, and it waits to be corrected.</summary>
    internal const string DeadLettered = "dead_lettered";

    /// <summary>It was accepted within the last hour and is not stored yet.</summary>
    internal const string InFlight = "in_flight";

    /// <summary>It was not accepted.</summary>
    internal const string Rejected = "rejected";

    /// <summary>Nothing is known of it.</summary>
    internal const string Unknown = "unknown";
}

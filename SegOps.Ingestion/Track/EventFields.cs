namespace SegOps.Ingestion.Track;

/// <summary>The values of one event. The texts are UTF-8 without JSON escapes, and live as long as the body and the reader's scratch.</summary>
internal ref struct EventFields
{
    public ReadOnlySpan<byte> UserId;
    public ReadOnlySpan<byte> EventType;

    /// <summary>The payload's JSON text as sent.</summary>
    public ReadOnlySpan<byte> Payload;

    public Guid EventId;

    /// <summary>UTC.</summary>
    public DateTime OccurredAt;
}

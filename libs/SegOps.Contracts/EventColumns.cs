namespace SegOps.Contracts;

/// <summary>
/// Columns of the table <c>events</c>: the property names of the rows that Ingestion writes into messages. Times are written
/// as <see cref="TimestampFormat"/> in UTC, identifiers as lower-case UUIDs, the payload as a string holding its JSON text as sent.
/// </summary>
public static class EventColumns
{
    /// <summary>String: the project that the API key belongs to.</summary>
    public const string ProjectId = "project_id";

    /// <summary>String: see <see cref="Environments"/>.</summary>
    public const string Environment = "environment";

    /// <summary>UUID: what makes an event the same event however often it is sent.</summary>
    public const string EventId = "event_id";

    /// <summary>String of 1 to <see cref="EventLimits.MaxEventTypeLength"/> characters.</summary>
    public const string EventType = "event_type";

    /// <summary>String of 1 to <see cref="EventLimits.MaxUserIdLength"/> characters.</summary>
    public const string UserId = "user_id";

    /// <summary>DateTime64(6, 'UTC'): when it happened, as the client says, else when it was received.</summary>
    public const string OccurredAt = "occurred_at";

    /// <summary>DateTime64(6, 'UTC'): when Ingestion received the request.</summary>
    public const string ReceivedAt = "received_at";

    /// <summary>Nullable(DateTime64(6, 'UTC')): the client's clock when it sent the batch; absent when it did not say.</summary>
    public const string SentAt = "sent_at";

    /// <summary>UUID of the request that brought the event.</summary>
    public const string RequestId = "request_id";

    /// <summary>String: the payload's JSON text, byte for byte; <c>{}</c> when there was none.</summary>
    public const string Payload = "payload";

    /// <summary>How times are written: what ClickHouse's basic parser reads fastest.</summary>
    public const string TimestampFormat = "yyyy-MM-dd HH:mm:ss.ffffff";
}

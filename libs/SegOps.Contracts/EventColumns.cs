namespace SegOps.Contracts;

/// <summary>
/// Columns of the table <c>events</c>, and property names of the rows in messages. Times have the format <see cref="TimestampFormat"/> in UTC,
/// identifiers are lower-case UUIDs, and the payload is a string with the JSON text as sent.
/// </summary>
public static class EventColumns
{
    /// <summary>String: the project that the API key belongs to.</summary>
    public const string ProjectId = "project_id";

    /// <summary>String: see <see cref="Environments"/>.</summary>
    public const string Environment = "environment";

    /// <summary>UUID that identifies the event. A repeated id is a duplicate.</summary>
    public const string EventId = "event_id";

    /// <summary>String of 1 to <see cref="EventLimits.MaxEventTypeLength"/> characters.</summary>
    public const string EventType = "event_type";

    /// <summary>The value of <see cref="EventType"/> with which an event sets its user's traits.</summary>
    public const string IdentifyType = "context_identified";

    /// <summary>String of 1 to <see cref="EventLimits.MaxUserIdLength"/> characters.</summary>
    public const string UserId = "user_id";

    /// <summary>
    /// DateTime64(6, 'UTC'): the client's time of the event; by default the time of receipt. If <see cref="SentAt"/> differs from
    /// <see cref="ReceivedAt"/> by more than <see cref="EventLimits.ClockTolerance"/>, it was shifted by that difference.
    /// </summary>
    public const string OccurredAt = "occurred_at";

    /// <summary>DateTime64(6, 'UTC'): the time at which Ingestion received the request.</summary>
    public const string ReceivedAt = "received_at";

    /// <summary>Nullable(DateTime64(6, 'UTC')): the client's time of sending, as it stated it; null without a possible one.</summary>
    public const string SentAt = "sent_at";

    /// <summary>UUID of the request.</summary>
    public const string RequestId = "request_id";

    /// <summary>UInt16: the event's place in its request, from 0. Rows of earlier versions do not have it.</summary>
    public const string Position = "position";

    /// <summary>String: the payload's JSON text as sent, but for parts that ClickHouse cannot read; <c>{}</c> if there is none.</summary>
    public const string Payload = "payload";

    /// <summary>The format of times. ClickHouse's basic parser reads it fastest.</summary>
    public const string TimestampFormat = "yyyy-MM-dd HH:mm:ss.ffffff";
}

using SegOps.Contracts;

namespace SegOps.Ingestion.Track;

/// <summary>The fields that an event can have.</summary>
[Flags]
internal enum EventField
{
    None = 0,
    UserId = 1,
    EventType = 2,
    OccurredAt = 4,
    Payload = 8,
    EventId = 16,
}

/// <summary>The fields' names in JSON.</summary>
internal static class EventFieldNames
{
    /// <summary>The field that is called <paramref name="name"/>; none when there is no such field.</summary>
    public static EventField Of(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("user_id"u8) ? EventField.UserId
        : name.SequenceEqual("event_type"u8) ? EventField.EventType
        : name.SequenceEqual("occurred_at"u8) ? EventField.OccurredAt
        : name.SequenceEqual("payload"u8) ? EventField.Payload
        : name.SequenceEqual("event_id"u8) ? EventField.EventId
        : EventField.None;

    /// <summary>The field whose name in camelCase is <paramref name="name"/>: what a client of another habit sends by mistake.</summary>
    public static EventField OfTwin(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("userId"u8) ? EventField.UserId
        : name.SequenceEqual("eventType"u8) ? EventField.EventType
        : name.SequenceEqual("occurredAt"u8) ? EventField.OccurredAt
        : name.SequenceEqual("eventId"u8) ? EventField.EventId
        : EventField.None;

    /// <summary>The field's name.</summary>
    public static string Name(this EventField field) => field switch
    {
        EventField.UserId => EventColumns.UserId,
        EventField.EventType => EventColumns.EventType,
        EventField.OccurredAt => EventColumns.OccurredAt,
        EventField.Payload => EventColumns.Payload,
        EventField.EventId => EventColumns.EventId,
        _ => "",
    };
}

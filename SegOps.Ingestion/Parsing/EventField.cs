using SegOps.Contracts;

namespace SegOps.Ingestion.Parsing;

/// <summary>The fields of an event.</summary>
[Flags]
internal enum EventField
{
    None = 0,
    UserId = 1,
    EventType = 2,
    OccurredAt = 4,
    Payload = 8,
    EventId = 16,
    SentAt = 32,
}

/// <summary>The fields' names in JSON, and the display of unknown names. Those can be long or contain data that must not be stored.</summary>
internal static class EventFieldNames
{
    /// <summary>Maximum length of a displayed name, in characters.</summary>
    public const int MaxLength = 128;

    /// <summary>The field with the name <paramref name="name"/>, or none.</summary>
    public static EventField Of(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("user_id"u8) ? EventField.UserId
        : name.SequenceEqual("event_type"u8) ? EventField.EventType
        : name.SequenceEqual("occurred_at"u8) ? EventField.OccurredAt
        : name.SequenceEqual("payload"u8) ? EventField.Payload
        : name.SequenceEqual("event_id"u8) ? EventField.EventId
        : name.SequenceEqual("sent_at"u8) ? EventField.SentAt
        : EventField.None;

    /// <summary>The field whose name in camelCase is <paramref name="name"/>, which clients send by mistake.</summary>
    public static EventField OfCamelCase(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("userId"u8) ? EventField.UserId
        : name.SequenceEqual("eventType"u8) ? EventField.EventType
        : name.SequenceEqual("occurredAt"u8) ? EventField.OccurredAt
        : name.SequenceEqual("eventId"u8) ? EventField.EventId
        : name.SequenceEqual("sentAt"u8) ? EventField.SentAt
        : EventField.None;

    /// <summary>The field's name.</summary>
    public static string Name(this EventField field) => field switch
    {
        EventField.UserId => EventColumns.UserId,
        EventField.EventType => EventColumns.EventType,
        EventField.OccurredAt => EventColumns.OccurredAt,
        EventField.Payload => EventColumns.Payload,
        EventField.EventId => EventColumns.EventId,
        EventField.SentAt => EventColumns.SentAt,
        _ => "",
    };

    /// <summary>Writes the first characters of <paramref name="name"/>, with <c>_</c> for all but <c>A-Za-z0-9_.-</c>.</summary>
    /// <returns>The number of characters written to <paramref name="shown"/>.</returns>
    public static int Show(ReadOnlySpan<byte> name, Span<char> shown)
    {
        var length = Math.Min(name.Length, MaxLength);
        for (var i = 0; i < length; i++)
        {
            var character = (char)name[i];
            shown[i] = char.IsAsciiLetterOrDigit(character) || character is '.' or '-' ? character : '_';
        }

        return length;
    }
}

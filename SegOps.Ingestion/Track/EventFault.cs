using System.Globalization;
using System.Text.Json;
using SegOps.Contracts;

namespace SegOps.Ingestion.Track;

/// <summary>One fault of one event: an entry of <c>errors</c>. Never holds a value that the client sent.</summary>
/// <param name="Index">Place of the event in its batch, from 0; <see cref="OfRequest"/> when the request itself is at fault.</param>
/// <param name="Field">The field at fault; empty when it is the whole event.</param>
/// <param name="Code">One of <see cref="EventErrorCodes"/>.</param>
/// <param name="Message">What is wrong and how to mend it, for people.</param>
internal readonly record struct EventFault(int Index, string Field, string Code, string Message)
{
    /// <summary><see cref="Index"/> of what concerns no single event.</summary>
    public const int OfRequest = -1;
}

/// <summary>The faults' wording, in one place.</summary>
internal static class EventFaults
{
    private static readonly string EarliestText = EventLimits.Earliest.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
    private static readonly string InFutureText =
        $"occurred_at lies more than {EventLimits.MaxFuture.TotalHours} hours ahead of the server's clock.";
    private static readonly string TooOldText = $"occurred_at lies before {EarliestText}, the earliest time that is stored.";
    private static readonly string PayloadTooLargeText =
        $"payload is larger than {EventLimits.MaxPayloadBytes} bytes, counted as its JSON text was sent.";
    private static readonly string PayloadTooDeepText =
        $"payload nests deeper than {EventLimits.MaxPayloadDepth} levels; the payload object itself is level 1.";

    public static EventFault NotAnObject(int index, JsonTokenType found) =>
        new(index, "", EventErrorCodes.NotAnObject, $"An event must be a JSON object, but {Named(found)} was sent.");

    public static EventFault Required(int index, string field, bool hasTwin, string twin) =>
        new(index, field, EventErrorCodes.Required, hasTwin
            ? $"{field} is required: did you mean {field}? (found {twin})"
            : $"{field} is required and must be a non-empty string.");

    public static EventFault WrongType(int index, string field, string expected, JsonTokenType found) =>
        new(index, field, EventErrorCodes.WrongType, $"{field} must be {expected}, but {Named(found)} was sent.");

    public static EventFault Empty(int index, string field) =>
        new(index, field, EventErrorCodes.Empty, $"{field} must not be empty.");

    public static EventFault TooLong(int index, string field, int limit) =>
        new(index, field, EventErrorCodes.TooLong, $"{field} is longer than {limit} characters.");

    public static EventFault UnpairedSurrogate(int index, string field) =>
        new(index, field, EventErrorCodes.InvalidCharacters, $"{field} holds a \\uD800-\\uDFFF escape without its other half.");

    public static EventFault ControlCharacters(int index, string field) =>
        new(index, field, EventErrorCodes.InvalidCharacters, $"{field} must not hold control characters (U+0000-U+001F, U+007F-U+009F).");

    public static EventFault InvalidTimestamp(int index, string field) =>
        new(index, field, EventErrorCodes.InvalidTimestamp,
            $"{field} must be an ISO 8601 date and time such as 2025-01-31T13:45:00.123Z or 2025-01-31T15:45:00+02:00.");

    public static EventFault InFuture(int index) =>
        new(index, EventColumns.OccurredAt, EventErrorCodes.TimestampInFuture, InFutureText);

    public static EventFault TooOld(int index) =>
        new(index, EventColumns.OccurredAt, EventErrorCodes.TimestampTooOld, TooOldText);

    public static EventFault InvalidEventId(int index) =>
        new(index, EventColumns.EventId, EventErrorCodes.InvalidEventId,
            "event_id must be a UUID of 32 hexadecimal digits with hyphens, such as 0190163d-8694-739b-aea5-966c26f8ad91.");

    public static EventFault PayloadTooLarge(int index) =>
        new(index, EventColumns.Payload, EventErrorCodes.PayloadTooLarge, PayloadTooLargeText);

    public static EventFault PayloadTooDeep(int index) =>
        new(index, EventColumns.Payload, EventErrorCodes.PayloadTooDeep, PayloadTooDeepText);

    public static EventFault Duplicate(int index, string field) =>
        new(index, field, EventErrorCodes.DuplicateField, $"{field} stands more than once in the event; send it once.");

    /// <summary>A JSON type's name with its article.</summary>
    public static string Named(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "a boolean",
        _ => "null",
    };
}

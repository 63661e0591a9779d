using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;
using SegOps.Contracts;
using SegOps.Ingestion.Requests;

namespace SegOps.Ingestion.Parsing;

/// <summary>The texts of all validation errors.</summary>
internal static class ValidationErrors
{
    private const string TimeExample = "an RFC 3339 string such as 2026-01-31T12:00:00Z";
    private const string NoNumbers = "Seconds or milliseconds since 1970 are not taken: send " + TimeExample + ".";

    private static readonly string EarliestText = EventLimits.Earliest.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
    private static readonly string InFutureText =
        $"occurred_at lies more than {EventLimits.MaxFuture.TotalHours} hours ahead of the server's clock.";
    private static readonly string TooOldText = $"occurred_at lies before {EarliestText}, the earliest time that is stored.";
    private static readonly string PayloadTooLargeText =
        $"payload is larger than {EventLimits.MaxPayloadBytes} bytes, counted as its JSON text was sent.";
    private static readonly string PayloadTooDeepText =
        $"payload nests deeper than {EventLimits.MaxPayloadDepth} levels; the payload object itself is level 1.";

    public static ValidationError NotAnObject(int index, JsonTokenType found) =>
        new(index, "", EventErrorCodes.NotAnObject, $"An event must be a JSON object, but {Named(found)} was sent.");

    public static ValidationError Required(int index, string field, bool hasCamelCase, string camelCase) =>
        new(index, field, EventErrorCodes.Required, hasCamelCase
            ? $"{field} is required; you sent {camelCase}."
            : $"{field} is required and must be a non-empty string.");

    public static ValidationError WrongType(int index, string field, string expected, JsonTokenType found) =>
        new(index, field, EventErrorCodes.WrongType, $"{field} must be {expected}, but {Named(found)} was sent.");

    public static ValidationError Empty(int index, string field) =>
        new(index, field, EventErrorCodes.Empty, $"{field} must not be empty.");

    public static ValidationError TooLong(int index, string field, int limit) =>
        new(index, field, EventErrorCodes.TooLong, $"{field} is longer than {limit} characters.");

    public static ValidationError UnpairedSurrogate(int index, string field) =>
        new(index, field, EventErrorCodes.InvalidCharacters, $"{field} holds a \\uD800-\\uDFFF escape without its other half.");

    public static ValidationError ControlCharacters(int index, string field) =>
        new(index, field, EventErrorCodes.InvalidCharacters, $"{field} must not hold control characters (U+0000-U+001F, U+007F-U+009F).");

    public static ValidationError Blank(int index, string field) =>
        new(index, field, EventErrorCodes.Empty, $"{field} holds only white space or invisible characters.");

    public static ValidationError Nul(int index, string field) =>
        new(index, field, EventErrorCodes.InvalidCharacters, $"{field} must not hold NUL (U+0000).");

    public static ValidationError NumberForTime(int index) =>
        new(index, EventColumns.OccurredAt, EventErrorCodes.WrongType, "occurred_at is a number. " + NoNumbers);

    /// <summary>Says which form was found instead of a time.</summary>
    public static ValidationError InvalidTimestamp(int index, ReadOnlySpan<byte> text) =>
        new(index, EventColumns.OccurredAt, EventErrorCodes.InvalidTimestamp,
            text.IsEmpty ? "occurred_at is empty or not readable. Send " + TimeExample + ", or leave it out."
            : text.Trim(" \t\r\n\v\f"u8).Length < text.Length ? "occurred_at has white space at its start or end. Send it without, as " + TimeExample + "."
            : Utf8Parser.TryParse(text, out double _, out var length) && length == text.Length ? "occurred_at is a number in a string. " + NoNumbers
            : "occurred_at must be an ISO 8601 date and time such as 2025-01-31T13:45:00.123Z or 2025-01-31T15:45:00+02:00.");

    public static ValidationError InFuture(int index) =>
        new(index, EventColumns.OccurredAt, EventErrorCodes.TimestampInFuture, InFutureText);

    public static ValidationError TooOld(int index) =>
        new(index, EventColumns.OccurredAt, EventErrorCodes.TimestampTooOld, TooOldText);

    public static ValidationError InvalidEventId(int index) =>
        new(index, EventColumns.EventId, EventErrorCodes.InvalidEventId,
            "event_id must be a UUID of 32 hexadecimal digits with hyphens, such as 0190163d-8694-739b-aea5-966c26f8ad91.");

    public static ValidationError PayloadTooLarge(int index) =>
        new(index, EventColumns.Payload, EventErrorCodes.PayloadTooLarge, PayloadTooLargeText);

    public static ValidationError PayloadTooDeep(int index) =>
        new(index, EventColumns.Payload, EventErrorCodes.PayloadTooDeep, PayloadTooDeepText);

    public static ValidationError Duplicate(int index, string field) =>
        new(index, field, EventErrorCodes.DuplicateField, $"{field} stands more than once in the event; send it once.");

    /// <summary>The name of a JSON type, with its article.</summary>
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

using System.Collections.Frozen;
using System.Globalization;
using SegOps.Contracts;

namespace SegOps.Monitoring.Errors;

/// <summary>How to fix each error of the list of errors, in one or two sentences for the developer who reads it.</summary>
internal static class ErrorHints
{
    private const string Unknown = "Look the code up in the API's reference, below Codes.";

    private static readonly FrozenDictionary<string, string> All = new Dictionary<string, string>
    {
        // Faults of one event.
        [EventErrorCodes.NotAnObject] =
            "Send each event as a JSON object such as {\"user_id\":\"user-123\",\"event_type\":\"order_placed\"}, not as text that holds JSON.",
        [EventErrorCodes.Required] =
            "Give the field a non-empty string in every event. Names are written in snake_case: user_id, not userId.",
        [EventErrorCodes.WrongType] =
            "Send the field as the type that the message names: user_id: \"42\" instead of 42, and payload as an object instead of text that holds JSON.",
        [EventErrorCodes.Empty] =
            "Send the event only once the value is known, and check what fills the field: an empty user_id often is a user who is not signed in yet.",
        [EventErrorCodes.TooLong] = Text(
            $"Shorten the value: user_id takes {EventLimits.MaxUserIdLength} characters and event_type {EventLimits.MaxEventTypeLength}. What is longer belongs into payload."),
        [EventErrorCodes.InvalidCharacters] =
            "Remove control characters from the value, and do not cut texts between the two halves of an emoji (\\uD800-\\uDFFF come in pairs).",
        [EventErrorCodes.InvalidTimestamp] =
            "Send an ISO 8601 text such as 2025-01-31T13:45:00.123Z, not a number of seconds; or leave occurred_at out, and the time of receipt is taken.",
        [EventErrorCodes.TimestampInFuture] = Text(
            $"Check the device's clock and whether seconds were taken for milliseconds: occurred_at may lie {EventLimits.MaxFuture.TotalHours} hours ahead at most."),
        [EventErrorCodes.TimestampTooOld] = Text(
            $"Check whether milliseconds were taken for seconds, or the time was never set: occurred_at may not lie before {EventLimits.Earliest:yyyy-MM-dd}."),
        [EventErrorCodes.InvalidEventId] =
            "Send a UUID of 32 hexadecimal digits with hyphens, not the nil UUID; or leave event_id out, and the server makes one.",
        [EventErrorCodes.PayloadTooLarge] = Text(
            $"Send less in payload, at most {EventLimits.MaxPayloadBytes} bytes of JSON text: references instead of whole documents, or several events."),
        [EventErrorCodes.PayloadTooDeep] = Text(
            $"Flatten payload to at most {EventLimits.MaxPayloadDepth} levels of objects and arrays, itself included."),
        [EventErrorCodes.DuplicateField] = "Write each field once: look for code that adds it to an event that has it already.",

        // Faults of the whole request.
        [ErrorCodes.MalformedJson] =
            "Build the body with a JSON library instead of by hand, and check that it is sent whole and as UTF-8. The message says where it breaks.",
        [ErrorCodes.BatchEmpty] = "Send a batch only when there are events to send.",
        [ErrorCodes.BatchTooLarge] = Text($"Split the events into batches of at most {EventLimits.MaxBatchEvents}."),
        [ErrorCodes.BodyTooLarge] = Text(
            $"Send fewer events at a time: a batch takes {EventLimits.MaxBatchBodyBytes} bytes and a single event {EventLimits.MaxSingleBodyBytes}, counted after decompression."),
        [ErrorCodes.UnsupportedMediaType] =
            "Send Content-Type: application/json, and Content-Encoding only when the body is compressed as it says (gzip, br, deflate or zstd).",
        [ErrorCodes.QuotaExceeded] =
            "Move to a larger plan, or send fewer events until the next month begins (UTC). Refused events are not stored: send them again then.",

        // Warnings: the event is stored.
        [WarningCodes.EventTypeNotSnakeCase] =
            "Name the type in words of a-z and 0-9 joined by underscores: order_placed instead of Order Placed or orderPlaced.",
        [WarningCodes.UnknownField] =
            "Move the field into payload, or correct its name if it was meant to be one of SegOps's: user_id, event_type, occurred_at, event_id, payload.",
    }.ToFrozenDictionary();

    /// <summary>All codes that have a hint.</summary>
    internal static IEnumerable<string> Codes => All.Keys;

    /// <summary>How to fix <paramref name="code"/>. For a code that is newer than this build it says where to look.</summary>
    internal static string Of(string code) => All.GetValueOrDefault(code, Unknown);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

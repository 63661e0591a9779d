using System.Collections.Frozen;
using System.Globalization;
using SegOps.Contracts;

namespace SegOps.Monitoring.Errors;

/// <summary>Hints for developers, in one or two sentences per error code.</summary>
internal static class ErrorHints
{
    private const string Unknown = "See the code in the API reference, section Codes.";

    private static readonly FrozenDictionary<string, string> All = new Dictionary<string, string>
    {
        // Errors of an event.
        [EventErrorCodes.NotAnObject] =
            "Send each event as a JSON object such as {\"user_id\":\"user-123\",\"event_type\":\"order_placed\"}, not as a string that contains JSON.",
        [EventErrorCodes.Required] =
            "Give the field a non-empty string in every event. Names are written in snake_case: user_id, not userId.",
        [EventErrorCodes.WrongType] =
            "Send the field with the type in the message: user_id: \"42\" instead of 42, and payload as an object instead of a string that contains JSON.",
        [EventErrorCodes.Empty] =
            "Send the event when the value is known, and check its source: an empty or blank user_id often means that the user is not signed in yet.",
        [EventErrorCodes.TooLong] = Text(
            $"Shorten the value to {EventLimits.MaxUserIdLength} characters for user_id and {EventLimits.MaxEventTypeLength} for event_type. Put longer data into payload."),
        [EventErrorCodes.InvalidCharacters] =
            "Remove control characters and NUL from the value, and do not split emoji when you truncate text (\\uD800-\\uDFFF must be pairs).",
        [EventErrorCodes.InvalidTimestamp] =
            "Send an ISO 8601 string such as 2025-01-31T13:45:00.123Z, not a number of seconds or milliseconds, without spaces around it.",
        [EventErrorCodes.TimestampInFuture] = Text(
            $"Send sent_at, by which a wrong clock is corrected, and check the unit: seconds or milliseconds. At most {EventLimits.MaxFuture.TotalHours} hours in the future are taken."),
        [EventErrorCodes.TimestampTooOld] = Text(
            $"Send sent_at, by which a wrong clock is corrected, and check the unit: seconds or milliseconds. occurred_at cannot be before {EventLimits.Earliest:yyyy-MM-dd}."),
        [EventErrorCodes.InvalidEventId] =
            "Send a UUID of 32 hexadecimal digits with hyphens, not the nil UUID. Without event_id, the server generates one.",
        [EventErrorCodes.PayloadTooLarge] = Text(
            $"Reduce payload to at most {EventLimits.MaxPayloadBytes} bytes of JSON text: send references instead of whole documents, or several events."),
        [EventErrorCodes.PayloadTooDeep] = Text(
            $"Flatten payload to at most {EventLimits.MaxPayloadDepth} levels of objects and arrays, including itself."),
        [EventErrorCodes.DuplicateField] = "Write each field once: find the code that adds it to an event that already has it.",

        // Request errors.
        [ErrorCodes.MalformedJson] =
            "Create the body with a JSON library, and check that it is complete and UTF-8. The message contains the position of the error.",
        [ErrorCodes.BatchEmpty] = "Send a batch only when there are events to send.",
        [ErrorCodes.BatchTooLarge] = Text($"Split the events into batches of at most {EventLimits.MaxBatchEvents}."),
        [ErrorCodes.BodyTooLarge] = Text(
            $"Send fewer events per request: the limit is {EventLimits.MaxBatchBodyBytes} bytes for a batch and {EventLimits.MaxSingleBodyBytes} for a single event, after decompression. The message says more."),
        [ErrorCodes.UnsupportedMediaType] =
            "Send Content-Type: application/json. Send Content-Encoding only for a body that is compressed with gzip, br, deflate or zstd.",
        [ErrorCodes.QuotaExceeded] =
            "Change to a larger plan, or send fewer events until the next month (UTC). Refused events are not stored: send them again later.",

        // Warnings: the event is stored.
        [WarningCodes.EventTypeNotSnakeCase] =
            "Use words of a-z and 0-9 joined by underscores: order_placed instead of Order Placed or orderPlaced.",
        [WarningCodes.TooManyTraits] = Text(
            $"Send only the traits that have changed, at most {EventLimits.MaxTraits} in an event, and lists as one trait instead of one trait for each item."),
        [WarningCodes.UnknownField] =
            "Move the field into payload, or correct its name to one of user_id, event_type, occurred_at, event_id and payload.",
        [WarningCodes.SuspiciousUserId] =
            "Send the event after sign-in, or with an id of the device. A missing value that was turned into text makes all these people one user.",
        [WarningCodes.BidirectionalControl] =
            "Remove U+061C, U+200E, U+200F, U+202A to U+202E and U+2066 to U+2069. They are invisible, so two ids can look the same.",
        [WarningCodes.ClockShifted] =
            "Nothing, if the device's clock is wrong. Set sent_at again for every attempt: a batch that waits must not keep an old one.",
        [WarningCodes.SentAtIgnored] =
            "Send sent_at as an ISO 8601 string in the Gregorian calendar: format it with the locale en_US_POSIX or the invariant culture.",
        [WarningCodes.PayloadRepaired] =
            "Do not split emoji when you truncate text, and send numbers beyond 64 bits or beyond 1.8e308 as strings.",
        [WarningCodes.PayloadAmbiguous] =
            "Write each key once in each object: find the code that adds it to an object that already has it.",
    }.ToFrozenDictionary();

    /// <summary>All codes with a hint.</summary>
    internal static IEnumerable<string> Codes => All.Keys;

    /// <summary>The hint for <paramref name="code"/>, or a general one for a code that is newer than this build.</summary>
    internal static string Of(string code) => All.GetValueOrDefault(code, Unknown);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

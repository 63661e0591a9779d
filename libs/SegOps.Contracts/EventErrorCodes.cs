namespace SegOps.Contracts;

/// <summary>The reason for which an event was rejected: <c>code</c> of an entry of <c>errors</c>.</summary>
public static class EventErrorCodes
{
    /// <summary>The event is not a JSON object.</summary>
    public const string NotAnObject = "not_an_object";

    /// <summary>A required field is absent or null.</summary>
    public const string Required = "required";

    /// <summary>A field has the wrong JSON type.</summary>
    public const string WrongType = "wrong_type";

    /// <summary>A string is empty, or <c>user_id</c> holds nothing visible.</summary>
    public const string Empty = "empty";

    /// <summary>A string exceeds its limit.</summary>
    public const string TooLong = "too_long";

    /// <summary>A string contains unpaired surrogates, <c>user_id</c> NUL, or <c>event_type</c> control characters.</summary>
    public const string InvalidCharacters = "invalid_characters";

    /// <summary><c>occurred_at</c> is not an ISO 8601 date and time.</summary>
    public const string InvalidTimestamp = "invalid_timestamp";

    /// <summary><c>occurred_at</c> is more than <see cref="EventLimits.MaxFuture"/> in the future.</summary>
    public const string TimestampInFuture = "timestamp_in_future";

    /// <summary><c>occurred_at</c> is before <see cref="EventLimits.Earliest"/>.</summary>
    public const string TimestampTooOld = "timestamp_too_old";

    /// <summary><c>event_id</c> is not a UUID.</summary>
    public const string InvalidEventId = "invalid_event_id";

    /// <summary><c>payload</c> exceeds <see cref="EventLimits.MaxPayloadBytes"/>.</summary>
    public const string PayloadTooLarge = "payload_too_large";

    /// <summary><c>payload</c> exceeds <see cref="EventLimits.MaxPayloadDepth"/>.</summary>
    public const string PayloadTooDeep = "payload_too_deep";

    /// <summary>An object contains a field twice.</summary>
    public const string DuplicateField = "duplicate_field";
}

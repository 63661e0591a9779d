using SegOps.Contracts;

namespace SegOps.Ingestion.Parsing;

/// <summary>A probable mistake whose text does not depend on the request.</summary>
internal sealed class KnownWarning
{
    public static readonly KnownWarning NotSnakeCase = new(EventColumns.EventType, WarningCodes.EventTypeNotSnakeCase,
        "event_type should be snake_case, such as order_placed: words of a-z and 0-9 joined by underscores.");

    public static readonly KnownWarning SuspiciousUserId = new(EventColumns.UserId, WarningCodes.SuspiciousUserId,
        "user_id is a placeholder and not an id: all people with it become one user.");

    public static readonly KnownWarning DirectionInUserId = Direction(EventColumns.UserId);

    public static readonly KnownWarning DirectionInEventType = Direction(EventColumns.EventType);

    public static readonly KnownWarning ClockShifted = new(EventColumns.OccurredAt, WarningCodes.ClockShifted,
        $"sent_at differs from the time of receipt by more than {EventLimits.ClockTolerance.TotalSeconds} s, so occurred_at was shifted by the difference.");

    public static readonly KnownWarning SentAtIgnored = new(EventColumns.SentAt, WarningCodes.SentAtIgnored,
        "sent_at is not an ISO 8601 date and time from 1970 to 2199, so it was ignored: occurred_at is stored as sent.");

    public static readonly KnownWarning PayloadRepaired = new(EventColumns.Payload, WarningCodes.PayloadRepaired,
        "payload held half a surrogate pair (stored as \\ufffd) or a number that queries cannot read (stored as a string). All else is stored as sent.");

    public static readonly KnownWarning PayloadAmbiguous = new(EventColumns.Payload, WarningCodes.PayloadAmbiguous,
        "An object in payload holds a key more than once. All are stored; queries read one of them.");

    public static readonly KnownWarning TooManyTraits = new(EventColumns.Payload, WarningCodes.TooManyTraits,
        $"payload has more than {EventLimits.MaxTraits} traits; the first {EventLimits.MaxTraits} are set.");

    private KnownWarning(string field, string code, string message) => Text = (field, code, message);

    /// <summary>Field, code and message, as in <see cref="Requests.EventWarning"/>.</summary>
    public (string Field, string Code, string Message) Text { get; }

    private static KnownWarning Direction(string field) => new(field, WarningCodes.BidirectionalControl,
        $"{field} holds invisible characters that change the direction of text, such as U+202E. Two such values can look the same.");
}

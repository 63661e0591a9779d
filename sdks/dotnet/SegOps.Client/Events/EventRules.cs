namespace SegOps.Client.Events;

/// <summary>What is wrong with an event, in the server's words.</summary>
internal sealed record EventFault(DropReason Reason, string Code, string Field, string Message);

/// <summary>The server's rules for what an event holds besides its payload. A check here saves the way to the server.</summary>
internal static class EventRules
{
    public const int MaxUserId = 256;
    public const int MaxEventType = 128;
    public const string NotSnakeCase = "event_type_not_snake_case";

    private static readonly DateTimeOffset Earliest = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan FurthestAhead = TimeSpan.FromHours(24);

    public static EventFault? Check(string? userId, string? eventType, Guid eventId, DateTimeOffset occurredAt, DateTimeOffset now)
    {
        if (eventId == Guid.Empty)
        {
            return Invalid("invalid_event_id", "event_id", "event_id must not be the nil UUID.");
        }

        if (CheckText("user_id", userId, MaxUserId) is { } userFault)
        {
            return userFault;
        }

        if (string.IsNullOrWhiteSpace(userId))
        {
            return Invalid("empty", "user_id", "user_id must have a visible character.");
        }

        if (userId!.Contains('\0'))
        {
            return Invalid("invalid_characters", "user_id", "user_id must not have NUL.");
        }

        if (CheckText("event_type", eventType, MaxEventType) is { } typeFault)
        {
            return typeFault;
        }

        if (eventType!.Any(char.IsControl))
        {
            return Invalid("invalid_characters", "event_type", "event_type must not have control characters.");
        }

        if (occurredAt > now + FurthestAhead)
        {
            return Invalid("timestamp_in_future", "occurred_at", "occurred_at is more than 24 hours in the future.");
        }

        return occurredAt < Earliest ? Invalid("timestamp_too_old", "occurred_at", "occurred_at is before 2000-01-01.") : null;
    }

    /// <summary>Words of a-z and 0-9 joined by single underscores, beginning with a letter.</summary>
    public static bool IsSnakeCase(string eventType)
    {
        var previous = '_';
        foreach (var c in eventType)
        {
            if (c is not ((>= 'a' and <= 'z') or (>= '0' and <= '9') or '_') || (c == '_' && previous == '_'))
            {
                return false;
            }

            previous = c;
        }

        return previous != '_' && eventType[0] is >= 'a' and <= 'z';
    }

    private static EventFault? CheckText(string field, string? text, int limit)
    {
        if (text is null)
        {
            return Invalid("required", field, $"{field} is required.");
        }

        if (text.Length == 0)
        {
            return Invalid("empty", field, $"{field} must not be empty.");
        }

        return Scalars(text) switch
        {
            < 0 => Invalid("invalid_characters", field, $"{field} has half a surrogate pair."),
            var count when count > limit => Invalid("too_long", field, $"{field} has {count} characters; at most {limit} are allowed."),
            _ => null,
        };
    }

    /// <summary>The number of Unicode scalar values, or -1 if a surrogate lacks its other half.</summary>
    private static int Scalars(string text)
    {
        var count = 0;
        for (var i = 0; i < text.Length; i++, count++)
        {
            if (char.IsSurrogate(text[i]) && !(i + 1 < text.Length && char.IsSurrogatePair(text[i], text[++i])))
            {
                return -1;
            }
        }

        return count;
    }

    private static EventFault Invalid(string code, string field, string message) => new(DropReason.Invalid, code, field, message);
}

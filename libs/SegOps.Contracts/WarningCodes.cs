namespace SegOps.Contracts;

/// <summary>Probable mistakes in accepted events: <c>code</c> of an entry of <c>warnings</c>.</summary>
public static class WarningCodes
{
    /// <summary><c>event_type</c> is not snake_case.</summary>
    public const string EventTypeNotSnakeCase = "event_type_not_snake_case";

    /// <summary>An identify with more than <see cref="EventLimits.MaxTraits"/> traits, of which the first are set.</summary>
    public const string TooManyTraits = "too_many_traits";

    /// <summary>An unknown field, which is not stored.</summary>
    public const string UnknownField = "unknown_field";

    /// <summary><c>user_id</c> is a placeholder such as <c>null</c>, which merges strangers into one user.</summary>
    public const string SuspiciousUserId = "suspicious_user_id";

    /// <summary><c>user_id</c> or <c>event_type</c> holds invisible characters that change the direction of text.</summary>
    public const string BidirectionalControl = "bidirectional_control";

    /// <summary><c>occurred_at</c> was shifted, because the client's clock differs from the server's.</summary>
    public const string ClockShifted = "clock_shifted";

    /// <summary><c>sent_at</c> is not a possible time. It is neither stored nor used.</summary>
    public const string SentAtIgnored = "sent_at_ignored";

    /// <summary><c>payload</c> held JSON that ClickHouse does not read. These parts were replaced.</summary>
    public const string PayloadRepaired = "payload_repaired";

    /// <summary>An object in <c>payload</c> holds a key more than once.</summary>
    public const string PayloadAmbiguous = "payload_ambiguous";
}

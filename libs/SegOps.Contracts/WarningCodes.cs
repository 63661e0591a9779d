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
}

namespace SegOps.Segments.Rules;

/// <summary>A valid rule: a group or a condition. docs/segments.md has the grammar.</summary>
internal abstract record Rule;

/// <summary>Matches if all of <paramref name="Rules"/> match. There is at least one.</summary>
internal sealed record AllOf(IReadOnlyList<Rule> Rules) : Rule;

/// <summary>Matches if one of <paramref name="Rules"/> matches. There is at least one.</summary>
internal sealed record AnyOf(IReadOnlyList<Rule> Rules) : Rule;

/// <summary>Matches exactly the users whom <paramref name="Rule"/> does not match.</summary>
internal sealed record Not(Rule Rule) : Rule;

/// <summary>Matches the members of another segment. It is replaced by that segment's rule before a rule is evaluated.</summary>
internal sealed record SegmentReference(Guid SegmentId) : Rule;

/// <summary>Tests a trait, or a value within it.</summary>
/// <param name="Path">The trait's name, then the names of nested members. There is at least one.</param>
/// <param name="Predicate">The test.</param>
internal sealed record TraitCondition(IReadOnlyList<string> Path, Predicate Predicate) : Rule;

/// <summary>Tests a value of an event's payload. It occurs only in <see cref="EventFilter.Where"/>.</summary>
/// <param name="Path">The names of nested members. There is at least one.</param>
/// <param name="Predicate">The test.</param>
internal sealed record PayloadCondition(IReadOnlyList<string> Path, Predicate Predicate) : Rule;

/// <summary>Tests how often a user's events occurred, or a figure over them. Copies of an event count once, at the earliest time.</summary>
internal sealed record EventCondition(EventFilter Events, Window Window, Measure Measure) : Rule;

/// <summary>
/// Matches if a first event was followed by another one within <paramref name="Gap"/>: at the same time or later. Without
/// <paramref name="Happens"/> it matches if a first event was not followed and its gap has passed: first + gap is before now.
/// </summary>
/// <param name="First">The first event. It occurred within <paramref name="Window"/>.</param>
/// <param name="Then">The other event, which is not the same one.</param>
/// <param name="Gap">The maximum time between them, inclusive.</param>
/// <param name="Same">
/// A path in both payloads with equal, set values of the same type; null if there is no such condition. A first event without a value is never followed.
/// </param>
/// <param name="Happens">Whether the other event must follow, or must not.</param>
/// <param name="Window">When the first event occurred.</param>
internal sealed record SequenceCondition(
    EventFilter First, EventFilter Then, TimeSpan Gap, IReadOnlyList<string>? Same, bool Happens, Window Window) : Rule;

/// <summary>Selects events by type and payload.</summary>
/// <param name="EventType">Their type.</param>
/// <param name="Where">Groups of <see cref="PayloadCondition"/>; null if every payload counts.</param>
internal sealed record EventFilter(string EventType, Rule? Where);

/// <summary>A span of time. Events after now never count.</summary>
/// <param name="From">Its start, inclusive; null if it has none.</param>
/// <param name="To">Its end, exclusive; null if it ends now, inclusive.</param>
internal sealed record Window(Moment? From, Moment? To);

/// <summary>A time, absolute or relative to now.</summary>
internal abstract record Moment
{
    /// <summary>The time, if it is <paramref name="now"/>.</summary>
    internal abstract DateTimeOffset At(DateTimeOffset now);
}

/// <summary>An absolute time, in microseconds, from <see cref="RuleLimits.Earliest"/> to <see cref="RuleLimits.Latest"/>.</summary>
internal sealed record Instant(DateTimeOffset Time) : Moment
{
    internal override DateTimeOffset At(DateTimeOffset now) => Time;
}

/// <summary>Now plus <paramref name="Offset"/>, which is negative for a time ago. It is whole minutes, at most <see cref="RuleLimits.MaxDuration"/>.</summary>
internal sealed record Relative(TimeSpan Offset) : Moment
{
    internal override DateTimeOffset At(DateTimeOffset now) => now + Offset;
}

/// <summary>What is tested of the selected events.</summary>
internal abstract record Measure;

/// <summary>
/// Their number. At least one bound is given, and a rule without <c>count</c> has AtLeast 1. Both are inclusive. A lower bound of 0 is read as none, so
/// AtLeast is never 0.
/// </summary>
internal sealed record Count(long? AtLeast, long? AtMost) : Measure;

/// <summary>A figure over the values at <paramref name="Path"/>.</summary>
/// <param name="Function">
/// The figure. Sum, Min, Max and Average take JSON numbers and ignore other values. Distinct counts different set values. Over no values Sum and
/// Distinct are 0, and the others match nothing.
/// </param>
/// <param name="Path">The path in the payload.</param>
/// <param name="Predicate">The test of the figure: an operator of numbers, or Equals, NotEquals, In, NotIn with numbers.</param>
internal sealed record Aggregate(AggregateFunction Function, IReadOnlyList<string> Path, Predicate Predicate) : Measure;

/// <summary>See <see cref="Aggregate"/>.</summary>
internal enum AggregateFunction
{
    Sum,
    Min,
    Max,
    Average,
    Distinct,
}

/// <summary>A test of one JSON value. Absent and null are one state, unset.</summary>
/// <param name="Operator">The operator.</param>
/// <param name="Values">Its values: none, one, two for Between, or up to 1,000.</param>
/// <param name="IgnoreCase">Whether strings are compared in lower case.</param>
internal sealed record Predicate(Operator Operator, IReadOnlyList<Literal> Values, bool IgnoreCase);

/// <summary>
/// The operators. They are false if the value is unset or of another type, except for NotEquals, NotIn and IsNotSet, which are the exact
/// negations of Equals, In and IsSet. Values are never converted.
/// </summary>
internal enum Operator
{
    IsSet,
    IsNotSet,
    Equals,
    NotEquals,
    In,
    NotIn,
    Contains,
    StartsWith,
    EndsWith,
    GreaterThan,
    AtLeast,
    LessThan,
    AtMost,

    /// <summary>Of numbers or times, both inclusive.</summary>
    Between,
    Before,
    After,
    Has,
    HasAny,
    HasAll,
}

/// <summary>A value that a rule gives.</summary>
internal abstract record Literal;

/// <summary>A string, compared by code points.</summary>
internal sealed record TextLiteral(string Text) : Literal;

/// <summary>A number, compared as IEEE 754 double: finite, and not minus zero.</summary>
internal sealed record NumberLiteral(double Number) : Literal;

/// <summary>true or false.</summary>
internal sealed record FlagLiteral(bool Value) : Literal;

/// <summary>A time for Before, After and Between. It is compared with strings in the forms of docs/api.md#times.</summary>
internal sealed record TimeLiteral(Moment Moment) : Literal;

using System.Text.Json.Serialization;
using SegOps.InternalApi;
using SegOps.Segments.Evaluation;
using SegOps.Segments.Rules;
using SegOps.Warehouse;

namespace SegOps.Segments.Api;

/// <summary>Evaluates a rule for one user, from what is stored now.</summary>
internal sealed class UserCheck(StatementRunner runner, StoredEventWait wait, TimeProvider clock)
{
    /// <summary>Evaluates <paramref name="rule"/>, which has no references.</summary>
    /// <exception cref="SegmentFault">The event for which to wait is not stored in time.</exception>
    /// <exception cref="WarehouseUnavailableException">ClickHouse did not answer.</exception>
    internal async Task<Explanation> RunAsync(Caller caller, Rule rule, CheckedMoment moment, CancellationToken cancellationToken)
    {
        var receivedAt = moment.AfterEvent is { } id ? await wait.WaitAsync(caller, id, cancellationToken) : DateTimeOffset.MinValue;
        var now = clock.GetUtcNow();
        if (moment.AsOf > now)
            throw new InvalidParameterException("as_of must not be in the future.");
        var asOf = moment.AsOf ?? (now > receivedAt ? now : receivedAt); // The clock of the server that received the event can be ahead.
        var evaluation = new Evaluation.Evaluation(caller.ProjectId, caller.Environment, rule, asOf, SourceTables.Stored, moment.UserId);
        var check = await CheckQuery.RunAsync(runner, evaluation, cancellationToken);
        return new(
            moment.UserId, check.Match, asOf.UtcDateTime, check.Known, check.NextChangeAt?.UtcDateTime, null, [.. check.Conditions.Select(ExplainedCondition.Of)]);
    }
}

/// <summary>Whether and why a rule matches a user; times are UTC.</summary>
/// <param name="UserId">The user.</param>
/// <param name="Match">Whether the rule matches.</param>
/// <param name="AsOf">The time for which it was evaluated.</param>
/// <param name="Known">Whether the user has a stored event.</param>
/// <param name="NextChangeAt">The earliest time at which the result can change without new data; null if there is none.</param>
/// <param name="Member">Whether the list of members has the user; null for a rule that is not saved.</param>
/// <param name="Conditions">The conditions, in the order of the rule's text.</param>
internal sealed record Explanation(
    string UserId, bool Match, DateTime AsOf, bool Known, DateTime? NextChangeAt, ListedMember? Member, IReadOnlyList<ExplainedCondition> Conditions);

/// <summary>Whether the list of members has a user, and since when.</summary>
internal sealed record ListedMember(bool IsMember, DateTime? Since);

/// <summary>Whether and why a condition matches.</summary>
/// <param name="Path">Where it is in the rule.</param>
/// <param name="Type">Its type.</param>
/// <param name="Match">Whether it matches.</param>
/// <param name="Observed">The value of the property, or the figure over the events, as JSON; null if there is none.</param>
/// <param name="State">Of a property: value, unset or other_type; null for events.</param>
/// <param name="SetBy">The event that set or unset the property; null if there is none.</param>
/// <param name="Count">The number of events; null for a property.</param>
/// <param name="Missing">What is missing, in words; null if nothing is, or if it cannot be said.</param>
/// <param name="DecidedBy">Events that decided; null if there are none.</param>
/// <param name="ChangesAt">When it can change without new data; null if it cannot.</param>
internal sealed record ExplainedCondition(
    string Path, string Type, bool Match, [property: JsonConverter(typeof(RawJsonConverter))] string? Observed, string? State, ValueSource? SetBy, long? Count,
    string? Missing, IReadOnlyList<Guid>? DecidedBy, DateTime? ChangesAt)
{
    internal static ExplainedCondition Of(ConditionCheck check) => new(
        check.Leaf.Path, TypeOf(check.Leaf.Condition), check.Match, check.Observed, check.State,
        check is { SetBy: { } id, SetAt: { } at } ? new(id, at.UtcDateTime) : null,
        check.Count, check.Missing, check.DecidedBy.Count > 0 ? check.DecidedBy : null, check.ChangesAt?.UtcDateTime);

    private static string TypeOf(Rule condition) => condition switch
    {
        TraitCondition => "user_property",
        EventCondition => "event",
        _ => "sequence",
    };
}

/// <summary>The event that wrote a property, and when it occurred.</summary>
internal sealed record ValueSource(Guid EventId, DateTime SetAt);

using System.Globalization;
using ClickHouse.Driver.ADO.Readers;
using SegOps.Segments.Rules;
using SegOps.Warehouse;

namespace SegOps.Segments.Evaluation;

/// <summary>Evaluates a rule for one user and tells why it matches or not. The bloom filters of the tables find the user's rows.</summary>
internal static class CheckQuery
{
    /// <summary>Maximum rows of an answer: each condition has a row, and one for each kind of later change.</summary>
    private const int MaxRows = 20_000;

    /// <summary>Statements at the same time.</summary>
    private const int AtOnce = 4;

    /// <summary>The row that tells whether the user is known.</summary>
    private const int UserRow = -1;

    /// <summary>Runs the query.</summary>
    /// <param name="runner">Runs it.</param>
    /// <param name="evaluation">The rule, and the user.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <exception cref="WarehouseUnavailableException">ClickHouse cannot be reached, is too slow, or the query needs too much.</exception>
    internal static async Task<Check> RunAsync(StatementRunner runner, Evaluation evaluation, CancellationToken cancellationToken)
    {
        var leaves = Leaf.Of(evaluation.Rule);
        var answers = await Task.WhenAll(Of(evaluation).Select(statement => runner.ReadAsync(statement, MaxRows, Read, cancellationToken)));
        var rows = answers.SelectMany(static answer => answer).ToList();
        var conditions = leaves.ConvertAll(leaf => ConditionCheck.Of(leaf, rows.Where(row => row.Leaf == leaf.Index)));
        return new Check(
            rows.Exists(static row => row.Leaf == UserRow), Matches(evaluation.Rule, new Queue<ConditionCheck>(conditions)),
            conditions.Min(static condition => condition.ChangesAt), conditions);
    }

    /// <summary>
    /// A SELECT for each condition, and two for the later changes of all. Most of the time is that in which ClickHouse plans them, with one thread for each
    /// statement.
    /// </summary>
    internal static IEnumerable<Statement> Of(Evaluation evaluation)
    {
        var scope = new Scope(evaluation);
        var leaves = Leaf.Of(evaluation.Rule);
        var known = $"{Select(UserRow, "0", EvaluationSql.Universe(scope) with { From = $"{scope.Tables.Users} WHERE {scope.Rows}" })} LIMIT 1";
        var later = LaterBranches.ByLeaf(leaves, scope).Select(static query => Select(
            "tupleElement(change, 1)", "0", Branch.Of($"({query}) GROUP BY tupleElement(change, 1)", "min(tupleElement(change, 2))")));
        return leaves.Select(leaf => Select(leaf, scope)).Concat(later).Append(known).Index()
            .GroupBy(static each => each.Index % AtOnce, static each => $"({each.Item})")
            .Select(selects => new Statement(string.Join("\nUNION ALL\n", selects), QueryValues.Project(evaluation.Project, evaluation.Environment)));
    }

    private static string Select(Leaf leaf, Scope scope)
    {
        switch (leaf.Condition)
        {
            case TraitCondition condition:
                var raw = TraitBranches.Raw(condition);
                return Select(leaf.Index, "1", TraitBranches.Of([leaf], scope, TraitBranches.Values).Single(), observed: raw,
                    isOther: $"{JsonSql.IsSet(raw)} AND NOT {PredicateSql.IsOfType(condition.Predicate, raw)}", setAt: "toUnixTimestamp64Micro(set_at)", ids: "[set_by]");
            case EventCondition { Measure: Aggregate }:
                return Select(leaf.Index, "1", EventBranches.WithIds(leaf, scope), observed: "if(isFinite(figure), toString(figure), '')", count: "events", ids: "ids");
            case EventCondition:
                return Select(leaf.Index, "1", EventBranches.WithIds(leaf, scope), count: "events", ids: "ids");
            default:
                return Select(leaf.Index, "1", SequenceBranches.Of(leaf, scope), count: "events", ids: "ids");
        }
    }

    private static string Select<T>(
        T leaf, string isCondition, Branch branch, string observed = "''", string isOther = "0", string setAt = "0", string count = "0", string ids = "emptyArrayString()") => $"""
        SELECT toInt32({leaf}) AS leaf, toUInt8({isCondition}) AS is_condition, toUInt64({branch.Bits}) AS bits, toInt64({branch.NextAt}) AS next_at,
            {observed} AS observed, toUInt8({isOther}) AS is_other, toInt64({setAt}) AS set_at, toUInt64({count}) AS count, arrayMap(id -> toString(id), {ids}) AS ids
        FROM {branch.From}
        """;

    private static CheckRow Read(ClickHouseDataReader row) => new(
        (int)row.Number(0), row.Number(1) == 1, row.Number(2) != 0, row.Number(3), row.GetString(4), row.Number(5) == 1, row.Number(6), row.Number(7),
        Array.ConvertAll((string[])row.GetValue(8), static id => Guid.Parse(id, CultureInfo.InvariantCulture)));

    private static bool Matches(Rule rule, Queue<ConditionCheck> conditions) => rule switch
    {
        AllOf all => all.Rules.Select(each => Matches(each, conditions)).ToList().TrueForAll(static match => match),
        AnyOf any => any.Rules.Select(each => Matches(each, conditions)).ToList().Exists(static match => match),
        Not not => !Matches(not.Rule, conditions),
        _ => conditions.Dequeue().Match,
    };
}

/// <summary>A row of the query.</summary>
internal sealed record CheckRow(
    int Leaf, bool IsCondition, bool HasBit, long NextAt, string Observed, bool IsOther, long SetAt, long Count, IReadOnlyList<Guid> Ids);

/// <summary>Whether a user matches a rule, and why.</summary>
/// <param name="Known">Whether the user has a stored event.</param>
/// <param name="Match">Whether the user matches.</param>
/// <param name="NextChangeAt">When that can change without new data, or earlier; null for never.</param>
/// <param name="Conditions">The conditions, in the order of the document.</param>
internal sealed record Check(bool Known, bool Match, DateTimeOffset? NextChangeAt, IReadOnlyList<ConditionCheck> Conditions);

/// <summary>Whether a user matches a condition.</summary>
/// <param name="Leaf">The condition.</param>
/// <param name="Match">Whether the user matches.</param>
/// <param name="Observed">The value of a trait, or the figure of events, as JSON; null if there is none.</param>
/// <param name="State">Of a trait: <c>value</c>, <c>unset</c> or <c>other_type</c>; null for events.</param>
/// <param name="SetBy">The event that last wrote the trait, also if it unset it.</param>
/// <param name="SetAt">When it did.</param>
/// <param name="Count">The events that were counted, or the times at which a sequence matched; null for traits.</param>
/// <param name="Missing">What is missing for a match; null if that is unknown.</param>
/// <param name="DecidedBy">Events that decided: the newest that were counted, or those of the last sequence.</param>
/// <param name="ChangesAt">When the result can change without new data, or earlier; null for never.</param>
internal sealed record ConditionCheck(
    Leaf Leaf, bool Match, string? Observed, string? State, Guid? SetBy, DateTimeOffset? SetAt, long? Count, string? Missing, IReadOnlyList<Guid> DecidedBy,
    DateTimeOffset? ChangesAt)
{
    internal static ConditionCheck Of(Leaf leaf, IEnumerable<CheckRow> rows)
    {
        List<CheckRow> all = [.. rows];
        var row = all.Find(static each => each.IsCondition);
        var match = row is { HasBit: true } != leaf.IsInverted;
        var changesAt = all.Select(static each => each.NextAt).Where(static next => next <= SqlLiteral.MaxMicros)
            .Select(static next => (DateTimeOffset?)QueryValues.Time(next)).Min();
        if (leaf.Condition is not TraitCondition)
            return new ConditionCheck(
                leaf, match, row is { Observed: not "" } ? row.Observed : null, null, null, null, row?.Count ?? 0, match ? null : MissingEvents(leaf, row?.Count ?? 0),
                row?.Ids ?? [], changesAt);

        var isSet = row is { Observed: not ("" or "null") };
        return new ConditionCheck(
            leaf, match, isSet ? row!.Observed : null, !isSet ? "unset" : row!.IsOther ? "other_type" : "value", row?.Ids[0],
            row is null ? null : QueryValues.Time(row.SetAt), null, null, row?.Ids ?? [], changesAt);
    }

    private static string? MissingEvents(Leaf leaf, long count) => leaf.Condition switch
    {
        EventCondition { Measure: Count { AtLeast: { } least } } when count < least => Events(least - count, "more"),
        EventCondition { Measure: Count { AtMost: { } most } } when count > most => Events(count - most, "fewer"),
        _ => null,
    };

    private static string Events(long number, string than) =>
        string.Create(CultureInfo.InvariantCulture, $"{number} {than} {(number == 1 ? "event" : "events")}");
}

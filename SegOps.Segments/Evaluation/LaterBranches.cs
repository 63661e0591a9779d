using SegOps.Contracts;
using SegOps.Segments.Rules;

namespace SegOps.Segments.Evaluation;

/// <summary>Stored events that change a result when their time comes.</summary>
/// <param name="EventType">Their type.</param>
/// <param name="Rows">The condition of their rows.</param>
/// <param name="At">The time of a row, or <see cref="Scope.Never"/>.</param>
internal sealed record LaterRows(string EventType, string Rows, string At)
{
    /// <summary>The condition of a row of <c>events</c>.</summary>
    internal string Condition(Scope scope) => $"{EventColumns.EventType} = {SqlLiteral.Text(EventType)} AND {scope.IsReceived} AND {Rows}";
}

/// <summary>
/// Tells when data that is stored begins to count. ClickHouse takes milliseconds to plan each SELECT, so that these are few: all conditions share them.
/// </summary>
internal static class LaterBranches
{
    private const string ReceivedAt = $"toUnixTimestamp64Micro({EventColumns.ReceivedAt})";

    private const string WrittenAt = "toUnixTimestamp64Micro(tupleElement(written, 1))";

    /// <summary>The branches of a rule. Rows that were received after now are apart, because the index finds them only then.</summary>
    internal static IEnumerable<Branch> Of(IReadOnlyCollection<Leaf> leaves, Scope scope)
    {
        if (Types(leaves.SelectMany(Types)) is { } types)
            yield return Branch.Of($"{scope.Tables.Events} WHERE {scope.Rows} AND {EventColumns.EventType} IN {types} AND {scope.IsNotReceived}", ReceivedAt);
        if (Types(leaves.SelectMany(Traits)) is { } traits)
            yield return Branch.Of($"{scope.Tables.TraitValues} WHERE {scope.Rows} AND trait IN {traits} AND {scope.IsNotWritten}", WrittenAt);
        var rows = leaves.SelectMany(leaf => Events(leaf, scope)).Select(each => (Condition: each.Condition(scope), each.At)).Distinct().ToList();
        if (rows.Count == 0)
            yield break;
        var at = rows.ConvertAll(static each => $"if({each.Condition}, {each.At}, {Scope.Never})");
        yield return Branch.Of(
            $"(SELECT user_id, {Scope.Earliest(at)} AS at FROM {scope.Tables.Events} WHERE {scope.Rows} AND ({string.Join(" OR ", rows.Select(static each => each.Condition).Distinct())})) WHERE at < {Scope.Never}",
            "at");
    }

    /// <summary>Two queries for one user: the number of a condition, and when it changes.</summary>
    internal static IEnumerable<string> ByLeaf(IReadOnlyCollection<Leaf> leaves, Scope scope)
    {
        if (Types(leaves.SelectMany(Types)) is { } types)
        {
            yield return Query($"{scope.Tables.Events} WHERE {scope.Rows} AND {EventColumns.EventType} IN {types}", leaves.SelectMany(leaf => Events(leaf, scope)
                .Select(each => (leaf.Index, Condition: each.Condition(scope), each.At))
                .Concat(Types(Types(leaf)) is { } own ? [(leaf.Index, Condition: $"{EventColumns.EventType} IN {own} AND {scope.IsNotReceived}", At: ReceivedAt)] : [])));
        }
        if (Types(leaves.SelectMany(Traits)) is { } traits)
        {
            yield return Query($"{scope.Tables.TraitValues} WHERE {scope.Rows} AND trait IN {traits} AND {scope.IsNotWritten}", leaves.SelectMany(leaf => Traits(leaf)
                .Select(trait => (leaf.Index, Condition: $"trait = {SqlLiteral.Text(trait)}", At: WrittenAt))));
        }

        static string Query(string from, IEnumerable<(int Index, string Condition, string At)> changes)
        {
            var all = changes.Select(static each => $"(toInt32({each.Index}), toInt64(if({each.Condition}, {each.At}, {Scope.Never})))");
            return $"SELECT arrayJoin({SqlLiteral.List(all)}) AS change FROM {from}";
        }
    }

    private static IEnumerable<LaterRows> Events(Leaf leaf, Scope scope) => leaf.Condition switch
    {
        EventCondition condition => EventBranches.Later(condition.Events, new Span(condition.Window, scope), scope),
        SequenceCondition condition => SequenceBranches.Later(condition, scope),
        _ => [],
    };

    private static IEnumerable<string> Types(Leaf leaf) => leaf.Condition switch
    {
        EventCondition condition => [condition.Events.EventType],
        SequenceCondition condition => [condition.First.EventType, condition.Then.EventType],
        _ => [],
    };

    private static IEnumerable<string> Traits(Leaf leaf) => leaf.Condition is TraitCondition condition ? [condition.Path[0]] : [];

    private static string? Types(IEnumerable<string> names)
    {
        var literals = names.Distinct().Select(SqlLiteral.Text).ToList();
        return literals.Count == 0 ? null : SqlLiteral.Tuple(literals);
    }
}

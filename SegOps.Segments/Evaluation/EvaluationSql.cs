using SegOps.Segments.Rules;
using SegOps.Warehouse;

namespace SegOps.Segments.Evaluation;

/// <summary>
/// Writes the statement that evaluates rules: a row for each user with <c>user_id</c>, <c>matched</c> and <c>next_at</c>. That is the earliest time after
/// now at which the result can change without new data, or 1970. It can be too early, but not too late.
/// </summary>
internal static class EvaluationSql
{
    /// <summary>The statement for one rule.</summary>
    internal static Statement Of(Evaluation evaluation)
    {
        var leaves = Leaf.Of(evaluation.Rule);
        return Of(evaluation, leaves, $"toUInt8({Leaf.Combine(evaluation.Rule, index => leaves[index].Matches)})");
    }

    /// <summary>
    /// The statement for several rules, whose results are the array <c>matched</c>, in their order. They share what they have in common, because ClickHouse takes
    /// milliseconds to plan each SELECT.
    /// </summary>
    internal static Statement Of(Evaluation evaluation, AllOf rules)
    {
        var leaves = Leaf.Of(rules);
        var first = 0;
        List<string> matches = [];
        foreach (var rule in rules.Rules)
        {
            var own = leaves[first..(first + RuleConditions.Of(rule).Count())];
            matches.Add($"toUInt8({Leaf.Combine(rule, index => own[index].Matches)})");
            first += own.Count;
        }
        return Of(evaluation, leaves, SqlLiteral.List(matches));
    }

    private static Statement Of(Evaluation evaluation, List<Leaf> leaves, string matched)
    {
        var scope = new Scope(evaluation);
        var words = Leaf.Words(leaves);
        var branches = Branches(leaves, scope).Concat(LaterBranches.Of(leaves, scope)).Prepend(Universe(scope)).GroupBy(static branch => branch.From);
        var sql = $"""
            SELECT user_id, {matched} AS matched, fromUnixTimestamp64Micro(if(next > {SqlLiteral.MaxMicros}, 0, next), 'UTC') AS next_at
            FROM
            (
                SELECT user_id, {string.Join(", ", Enumerable.Range(0, words).Select(static word => $"groupBitOr(b{word}) AS b{word}"))}, min(next_at) AS next
                FROM
                (
                    {string.Join("\nUNION ALL\n", branches.Select(same => Branch.Select([.. same], words)))}
                )
                GROUP BY user_id
            )
            """;
        return new Statement(sql, QueryValues.Project(evaluation.Project, evaluation.Environment));
    }

    /// <summary>All users, or the only one, without bits.</summary>
    internal static Branch Universe(Scope scope) => Branch.Of(
        scope.UserId is { } user ? $"(SELECT {SqlLiteral.Text(user)} AS user_id)" : $"{scope.Tables.Users} WHERE {scope.Rows}", Scope.Never);

    /// <summary>The branches of the conditions.</summary>
    internal static IEnumerable<Branch> Branches(IReadOnlyCollection<Leaf> leaves, Scope scope) =>
    [
        .. TraitBranches.Of(leaves, scope, TraitBranches.Values),
        .. EventBranches.Of(leaves.Where(static leaf => leaf.Condition is EventCondition), scope),
        .. leaves.Where(static leaf => leaf.Condition is SequenceCondition).Select(leaf => SequenceBranches.Of(leaf, scope)),
    ];
}

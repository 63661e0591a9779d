using ClickHouse.Driver.ADO.Readers;
using SegOps.Segments.Rules;
using SegOps.Warehouse;

namespace SegOps.Segments.Evaluation;

/// <summary>Counts the users that a rule matches, and those that each of its conditions does.</summary>
internal static class PreviewQuery
{
    /// <summary>Maximum users that are named.</summary>
    internal const int MaxSamples = 20;

    /// <summary>Maximum different combinations of conditions; with more none is returned.</summary>
    internal const int MaxPatterns = 4096;

    /// <summary>Maximum combinations of conditions and states of values that are read to find the patterns.</summary>
    private const int MaxGroups = 4 * MaxPatterns;

    /// <summary>Runs the query.</summary>
    /// <param name="runner">Runs it.</param>
    /// <param name="evaluation">The rule.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <param name="deadline">Replaces <see cref="WarehouseOptions.Deadline"/>.</param>
    /// <exception cref="WarehouseUnavailableException">ClickHouse cannot be reached, is too slow, or the query needs too much.</exception>
    internal static async Task<Preview> RunAsync(StatementRunner runner, Evaluation evaluation, CancellationToken cancellationToken, TimeSpan? deadline = null)
    {
        var leaves = Leaf.Of(evaluation.Rule);
        return (await runner.ReadAsync(Of(evaluation), 1, row => Read(row, leaves), cancellationToken, deadline))[0];
    }

    internal static Statement Of(Evaluation evaluation)
    {
        var scope = new Scope(evaluation);
        var leaves = Leaf.Of(evaluation.Rule);
        var columns = new PreviewColumns(leaves);
        var branches = PreviewBranches.Of(leaves, scope, columns.HasReplacements).Prepend(EvaluationSql.Universe(scope));
        var matches = Leaf.Combine(evaluation.Rule, index => leaves[index].Matches) ?? "1";
        var sql = $"""
            SELECT sum(users), sumIf(users, {matches}),
                sumForEach({Users(leaves.Select(static leaf => leaf.Matches))}),
                sumForEach({Users(leaves.Select(leaf => leaf.Condition is TraitCondition ? $"NOT {columns.IsSet(leaf)}" : "0"))}),
                sumForEach({Users(leaves.Select(leaf => columns.IsOther(leaf)))}),
                sumForEach({Users(leaves.Select(leaf => Leaf.Combine(evaluation.Rule, index => index == leaf.Index ? null : leaves[index].Matches) ?? "1"))}),
                arraySlice(groupArrayArrayIf(sample, {matches}), 1, {MaxSamples}),
                groupArray({MaxGroups + 1})(b0),
                groupArray({MaxGroups + 1})(users)
            FROM
            (
                SELECT {string.Join(", ", columns.Names)}, count() AS users, groupArray({MaxSamples})(user_id) AS sample
                FROM
                (
                    SELECT user_id, {string.Join(", ", columns.OfUser)}
                    FROM
                    (
                        {string.Join("\nUNION ALL\n", branches.Select(columns.Select))}
                    )
                    GROUP BY user_id
                )
                GROUP BY {string.Join(", ", columns.Names)}
            )
            """;
        return new Statement(sql, QueryValues.Project(evaluation.Project, evaluation.Environment));
    }

    private static string Users(IEnumerable<string> conditions) => $"[{string.Join(", ", conditions.Select(static condition => $"if({condition}, users, 0)"))}]";

    private static Preview Read(ClickHouseDataReader row, List<Leaf> leaves)
    {
        var (matching, unset, other, without) = (Numbers(row, 2), Numbers(row, 3), Numbers(row, 4), Numbers(row, 5));
        var conditions = leaves.ConvertAll(leaf => new ConditionCounts(
            leaf.Path, matching.ElementAtOrDefault(leaf.Index), unset.ElementAtOrDefault(leaf.Index), other.ElementAtOrDefault(leaf.Index), without.ElementAtOrDefault(leaf.Index)));
        var (bits, users) = ((ulong[])row.GetValue(7), Numbers(row, 8));
        var patterns = bits.Length > MaxGroups ? null : bits
            .Select((word, i) => (Bits: string.Concat(leaves.Select(leaf => leaf.MatchesIn(word) ? '1' : '0')), Users: users[i]))
            .GroupBy(static group => group.Bits, static group => group.Users).Select(static same => new Pattern(same.Key, same.Sum()))
            .OrderByDescending(static pattern => pattern.Users).ThenBy(static pattern => pattern.Bits, StringComparer.Ordinal).ToList();
        return new Preview(
            row.Number(1), row.Number(0), (string[])row.GetValue(6), conditions, patterns is { Count: <= MaxPatterns } ? patterns : null);
    }

    private static long[] Numbers(ClickHouseDataReader row, int column) => Array.ConvertAll((ulong[])row.GetValue(column), static number => (long)number);
}

/// <summary>What a preview found.</summary>
/// <param name="Count">Users that match.</param>
/// <param name="Users">All users.</param>
/// <param name="Samples">Up to <see cref="PreviewQuery.MaxSamples"/> users that match.</param>
/// <param name="Conditions">Counts of each condition, in the order of the document.</param>
/// <param name="Patterns">Users by the conditions that they match, most first; null if there are more than <see cref="PreviewQuery.MaxPatterns"/>.</param>
internal sealed record Preview(
    long Count, long Users, IReadOnlyList<string> Samples, IReadOnlyList<ConditionCounts> Conditions, IReadOnlyList<Pattern>? Patterns);

/// <summary>Counts of a condition.</summary>
/// <param name="Path">Where the rule has it, such as <c>rule.all[0]</c>.</param>
/// <param name="Users">Users that it matches.</param>
/// <param name="Unset">Users without the value; 0 for conditions on events.</param>
/// <param name="OtherType">Users whose value has another type than the operator tests; 0 for conditions on events.</param>
/// <param name="WithoutIt">Users that the rule would match without the condition.</param>
internal sealed record ConditionCounts(string Path, long Users, long Unset, long OtherType, long WithoutIt);

/// <summary>Users that match the same conditions.</summary>
/// <param name="Bits">1 or 0 for each condition, in the order of the document.</param>
/// <param name="Users">Their number.</param>
internal sealed record Pattern(string Bits, long Users);

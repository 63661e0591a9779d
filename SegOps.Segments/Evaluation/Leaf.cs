using System.Globalization;
using SegOps.Segments.Rules;

namespace SegOps.Segments.Evaluation;

/// <summary>
/// A condition of a rule, and the bit that a query sets for users. Users without rows have no bit. So if a condition matches them, the bit tells that it does
/// not match.
/// </summary>
/// <param name="Index">Its place among the rule's conditions, from 0.</param>
/// <param name="Path">Where the rule has it, such as <c>rule.all[0]</c>.</param>
/// <param name="Condition">The condition.</param>
internal sealed record Leaf(int Index, string Path, Rule Condition)
{
    /// <summary>Bits of a word.</summary>
    private const int WordBits = 64;

    /// <summary>Whether the bit tells that the condition does not match.</summary>
    internal bool IsInverted { get; } = MatchesNothing(Condition);

    /// <summary>The word that has the bit.</summary>
    internal int Word => Index / WordBits;

    /// <summary>The word with the bit only.</summary>
    internal ulong Bit => 1UL << (Index % WordBits);

    /// <summary>Whether the condition matches, from the columns b0, b1, ….</summary>
    internal string Matches => string.Create(CultureInfo.InvariantCulture, $"{(IsInverted ? "NOT " : "")}bitTest(b{Word}, {Index % WordBits})");

    /// <summary>Whether the condition matches, from the value of its word.</summary>
    internal bool MatchesIn(ulong word) => (word & Bit) != 0 != IsInverted;

    /// <summary>The conditions of a rule, in the order of the document.</summary>
    internal static List<Leaf> Of(Rule rule) => [.. RuleConditions.Of(rule).Select(static (each, index) => new Leaf(index, each.Path, each.Condition))];

    /// <summary>The bits of tests that are true: a test that several conditions have is there once.</summary>
    internal static string BitsIf(IEnumerable<(string Test, ulong Bit)> tests) => string.Join(" + ", tests.GroupBy(static each => each.Test)
        .Select(static same => string.Create(CultureInfo.InvariantCulture, $"if({same.Key}, {same.Aggregate(0UL, static (bits, each) => bits | each.Bit)}, 0)")));

    /// <summary>The number of words.</summary>
    internal static int Words(IReadOnlyCollection<Leaf> leaves) => 1 + ((leaves.Count - 1) / WordBits);

    /// <summary>
    /// Whether a rule matches, from an expression of 0 or 1 for each of its conditions, by index. It has no AND: ClickHouse compares all operands of ANDs with each
    /// other (optimize_and_compare_chain), which took it 0.25 s for a hundred rules.
    /// </summary>
    /// <param name="rule">The rule.</param>
    /// <param name="condition">The expression; null for a condition to leave out. A group without conditions is left out too.</param>
    /// <returns>The expression; null if all is left out.</returns>
    internal static string? Combine(Rule rule, Func<int, string?> condition) => Combine(
        rule, condition, static (parts, isAll) => parts.Count == 1 ? parts[0] : $"{(isAll ? "least" : "greatest")}({string.Join(", ", parts)})");

    /// <summary>The same for a WHERE, from which ClickHouse moves conditions to the reading of rows.</summary>
    internal static string? CombineWhere(Rule rule, Func<int, string?> condition) => Combine(
        rule, condition, static (parts, isAll) => $"({string.Join(isAll ? " AND " : " OR ", parts)})");

    private static string? Combine(Rule rule, Func<int, string?> condition, Func<List<string>, bool, string> join)
    {
        var index = 0;
        return Of(rule);

        string? Of(Rule part) => part switch
        {
            AllOf all => Join(all.Rules, true),
            AnyOf any => Join(any.Rules, false),
            Not not => Of(not.Rule) is { } inner ? $"(NOT {inner})" : null,
            _ => condition(index++),
        };

        string? Join(IReadOnlyList<Rule> rules, bool isAll)
        {
            List<string> parts = [.. rules.Select(Of).OfType<string>()];
            return parts.Count == 0 ? null : join(parts, isAll);
        }
    }

    /// <summary>Whether the condition matches users without any trait or event.</summary>
    private static bool MatchesNothing(Rule condition) => condition switch
    {
        TraitCondition trait => PredicateSql.IsNegated(trait.Predicate.Operator),
        EventCondition { Measure: Count count } => count.AtLeast is not > 0,
        EventCondition { Measure: Aggregate { Function: AggregateFunction.Sum or AggregateFunction.Distinct } aggregate } => Zero.Matches(aggregate.Predicate),
        _ => false,
    };
}

/// <summary>Tests the figure of no events.</summary>
internal static class Zero
{
    internal static bool Matches(Predicate predicate)
    {
        var values = predicate.Values.Select(static value => ((NumberLiteral)value).Number).ToList();
        return predicate.Operator switch
        {
            Operator.Equals or Operator.In => values.Contains(0),
            Operator.NotEquals or Operator.NotIn => !values.Contains(0),
            Operator.GreaterThan => values[0] < 0,
            Operator.AtLeast => values[0] <= 0,
            Operator.LessThan => values[0] > 0,
            Operator.AtMost => values[0] >= 0,
            Operator.Between => values[0] <= 0 && values[1] >= 0,
            _ => throw new ArgumentOutOfRangeException(nameof(predicate)),
        };
    }
}

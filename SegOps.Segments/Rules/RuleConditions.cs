namespace SegOps.Segments.Rules;

/// <summary>Lists the conditions of rules.</summary>
internal static class RuleConditions
{
    /// <summary>The conditions of <paramref name="rule"/> with their paths, in the order of its text. Those of a <c>where</c> are parts of their event.</summary>
    internal static IEnumerable<(string Path, Rule Condition)> Of(Rule rule, string path = "rule") => rule switch
    {
        AllOf all => all.Rules.SelectMany((each, index) => Of(each, $"{path}.all[{index}]")),
        AnyOf any => any.Rules.SelectMany((each, index) => Of(each, $"{path}.any[{index}]")),
        Not not => Of(not.Rule, $"{path}.not"),
        _ => [(path, rule)],
    };

    /// <summary>The number of conditions in the <c>where</c> of a condition.</summary>
    internal static int CountWhere(Rule condition) => condition switch
    {
        EventCondition events => CountIn(events.Events),
        SequenceCondition sequence => CountIn(sequence.First) + CountIn(sequence.Then),
        _ => 0,
    };

    private static int CountIn(EventFilter filter) => filter.Where is null ? 0 : Of(filter.Where).Count();
}

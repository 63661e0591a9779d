using SegOps.Segments.Rules;

namespace SegOps.Segments.Evaluation;

/// <summary>The branches of conditions on traits: one for all conditions on a trait.</summary>
internal static class TraitBranches
{
    /// <summary>The order of the copies of an event.</summary>
    private const string First =
        "bitOr(bitShiftLeft(toUInt128(toUnixTimestamp64Micro(tupleElement(written, 1))), 32), toUInt128(tupleElement(written, 2) * 256 + tupleElement(written, 3)))";

    /// <summary>The order of the events of a user.</summary>
    private const string Order = """
        bitOr(
            bitOr(bitShiftLeft(toUInt256(toUnixTimestamp64Micro(least(at, received))), 200), bitShiftLeft(toUInt256(toUnixTimestamp64Micro(received)), 144)),
            bitOr(bitShiftLeft(toUInt256(place), 128), toUInt256(toUInt128(event_id))))
        """;

    /// <summary>The branches.</summary>
    /// <param name="leaves">All conditions of the rule.</param>
    /// <param name="scope">The scope.</param>
    /// <param name="values">The query of a trait's values.</param>
    internal static IEnumerable<Branch> Of(IEnumerable<Leaf> leaves, Scope scope, Func<string, Scope, string> values) =>
        leaves.Where(static leaf => leaf.Condition is TraitCondition)
            .GroupBy(static leaf => (Trait: ((TraitCondition)leaf.Condition).Path[0], leaf.Word))
            .Select(each => new Branch(
                $"({values(each.Key.Trait, scope)})", each.Key.Word,
                Bits(each, (raw, predicate) => PredicateSql.Positive(predicate, raw, scope)),
                TimeChanges.Next(each.SelectMany(leaf => Changes(leaf, scope)), scope),
                Bits(each, static (raw, _) => JsonSql.IsSet(raw)),
                Bits(each, static (raw, predicate) => $"{JsonSql.IsSet(raw)} AND NOT {PredicateSql.IsOfType(predicate, raw)}")));

    /// <summary>
    /// The value of a trait of each user, as in the view latest_traits but with null, and as of now. Tuples are compared slowly, so the order of writes is packed
    /// into numbers: of the copies of an event the first has (time of receipt, position, rank), of which the last two need 24 bits, and the winner has the
    /// greatest (time, time of receipt, position, event id).
    /// </summary>
    internal static string Values(string trait, Scope scope) => Values(trait, scope, "");

    /// <summary>The same of some users.</summary>
    internal static string Values(string trait, Scope scope, string users) => $"""
        SELECT user_id, argMax(written_value, {Order}) AS value, argMax(event_id, {Order}) AS set_by, max(least(at, received)) AS set_at
        FROM
        (
            SELECT user_id, event_id, min(occurred_at) AS at, min(tupleElement(written, 1)) AS received,
                argMin(tupleElement(written, 2), {First}) AS place, argMin(tupleElement(written, 4), {First}) AS written_value
            FROM {scope.Tables.TraitValues}
            WHERE {Rows(trait, scope)}{users}
            GROUP BY user_id, event_id
        )
        GROUP BY user_id
        """;

    /// <summary>The condition of a trait's rows.</summary>
    internal static string Rows(string trait, Scope scope) =>
        $"{scope.Rows} AND trait = {SqlLiteral.Text(trait)} AND tupleElement(written, 1) <= {SqlLiteral.Time(scope.Now)}";

    /// <summary>The raw value that a condition tests.</summary>
    internal static string Raw(TraitCondition condition) => JsonSql.Raw("value", [.. condition.Path.Skip(1)]);

    private static string Bits(IEnumerable<Leaf> leaves, Func<string, Predicate, string> test) => Leaf.BitsIf(leaves.Select(leaf =>
        (test(Raw((TraitCondition)leaf.Condition), ((TraitCondition)leaf.Condition).Predicate), leaf.Bit)));

    private static IEnumerable<string> Changes(Leaf leaf, Scope scope) =>
        TimeChanges.Of(((TraitCondition)leaf.Condition).Predicate, Raw((TraitCondition)leaf.Condition), scope);
}

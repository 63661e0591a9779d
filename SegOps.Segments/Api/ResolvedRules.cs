using System.Text.Json;
using SegOps.Segments.Rules;
using SegOps.Segments.Store;

namespace SegOps.Segments.Api;

/// <summary>Reads rules, and replaces references to segments by their rules.</summary>
internal static class ResolvedRules
{
    /// <summary>Reads a rule of a request.</summary>
    /// <exception cref="InvalidRuleException">It has faults.</exception>
    internal static Rule Read(JsonElement rule) => Valid(RuleReader.Read(rule));

    /// <summary>The rule without references.</summary>
    /// <param name="set">The segments to which it can refer.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="self">Its own segment; null if it is not saved.</param>
    /// <exception cref="InvalidRuleException">A reference leads nowhere, to a cycle or too deep.</exception>
    internal static Rule Resolve(SegmentSet set, Rule rule, Guid? self) => Valid(SegmentReferences.Resolve(rule, id => Find(set, id), self));

    /// <summary>Checks that the rules which refer to <paramref name="changed"/> stay valid.</summary>
    /// <exception cref="InvalidRuleException">One does not.</exception>
    internal static void CheckReferrers(SegmentSet set, SegmentDefinition changed)
    {
        var after = new SegmentSet("", new Dictionary<Guid, SegmentDefinition>(set.Segments) { [changed.Id] = changed });
        foreach (var other in set.Segments.Values.Where(other => other.Id != changed.Id))
            if (Find(after, other.Id) is { } rule
                && SegmentReferences.Resolve(rule, id => Find(after, id), other.Id) is { Faults: [var fault, ..] }
                && SegmentReferences.Resolve(rule, id => Find(set, id), other.Id).Faults.Count == 0)
                throw new InvalidRuleException([new(fault.Code, "rule", $"The segment {other.Id} refers to this one, and its rule would be invalid: {fault.Message}")]);
    }

    /// <summary>The segments whose rules name <paramref name="id"/>.</summary>
    internal static IReadOnlyList<Guid> Referrers(SegmentSet set, Guid id) =>
        [.. set.Segments.Keys.Where(other => other != id && Find(set, other) is { } rule && RefersTo(rule, id)).Order()];

    private static bool RefersTo(Rule rule, Guid id) => rule switch
    {
        AllOf all => all.Rules.Any(inner => RefersTo(inner, id)),
        AnyOf any => any.Rules.Any(inner => RefersTo(inner, id)),
        Not not => RefersTo(not.Rule, id),
        SegmentReference reference => reference.SegmentId == id,
        _ => false,
    };

    private static Rule? Find(SegmentSet set, Guid id) =>
        set.Segments.TryGetValue(id, out var found) ? RuleReader.Read(JsonElement.Parse(found.RuleJson)).Rule : null;

    private static Rule Valid(RuleReading reading) => reading.Rule is { } rule && reading.Faults.Count == 0 ? rule : throw new InvalidRuleException(reading.Faults);
}

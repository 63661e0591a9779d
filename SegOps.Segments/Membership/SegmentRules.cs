using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SegOps.Segments.Rules;
using SegOps.Segments.Store;

namespace SegOps.Segments.Membership;

/// <summary>A project's data in one environment.</summary>
internal readonly record struct Place(string Project, string Environment)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Environment}:{Project}";
}

/// <summary>A segment to keep up to date.</summary>
/// <param name="Id">The segment.</param>
/// <param name="Place">Where it is.</param>
/// <param name="Rule">Its rule, without references; null if it is not valid any more.</param>
/// <param name="Hash">A hash of the rule and of the rules that it refers to. Members that were computed by another one are out of date.</param>
internal sealed record CurrentSegment(Guid Id, Place Place, Rule? Rule, string Hash);

/// <summary>Resolves the rules of all segments. It reads only those of projects that have changed.</summary>
internal sealed class SegmentRules
{
    private Dictionary<Place, (HashSet<SegmentDefinition> Definitions, List<CurrentSegment> Segments)> _known = [];

    /// <summary>The segments of <paramref name="definitions"/>, by place.</summary>
    internal IReadOnlyDictionary<Place, List<CurrentSegment>> Resolve(IEnumerable<SegmentDefinition> definitions)
    {
        _known = definitions.GroupBy(static definition => new Place(definition.Project, definition.Environment)).ToDictionary(
            static group => group.Key,
            group => _known.TryGetValue(group.Key, out var known) && known.Definitions.SetEquals(group) ? known : (group.ToHashSet(), Read(group)));
        return _known.ToDictionary(static place => place.Key, static place => place.Value.Segments);
    }

    private static List<CurrentSegment> Read(IGrouping<Place, SegmentDefinition> definitions)
    {
        var rules = definitions.ToDictionary(
            static definition => definition.Id, static definition => (definition.RuleJson, Rule: RuleReader.Read(JsonElement.Parse(definition.RuleJson)).Rule));
        return [.. definitions.Select(definition =>
        {
            // Which rules a rule refers to is known after they were resolved.
            var used = new SortedSet<Guid> { definition.Id };
            var resolved = rules[definition.Id].Rule is { } rule ? SegmentReferences.Resolve(rule, Find, definition.Id) : null;
            return new CurrentSegment(definition.Id, definitions.Key, resolved is { Faults.Count: 0 } ? resolved.Rule : null, Hash(used.Select(id => rules[id].RuleJson)));

            Rule? Find(Guid id)
            {
                if (!rules.TryGetValue(id, out var found))
                    return null;
                used.Add(id);
                return found.Rule;
            }
        })];
    }

    private static string Hash(IEnumerable<string> rules) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', rules))));
}

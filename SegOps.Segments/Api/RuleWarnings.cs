using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Options;
using SegOps.Segments.Evaluation;
using SegOps.Segments.Rules;
using SegOps.Segments.Store;
using SegOps.ServiceDefaults.Redis;
using SegOps.Warehouse;

namespace SegOps.Segments.Api;

/// <summary>Finds probable mistakes in rules by what is stored: properties that no user has, and values of other types.</summary>
internal sealed class RuleWarnings(
    SegmentStore store, StatementRunner runner, PreviewPlaces places, IOptions<EvaluationOptions> options, TimeProvider clock)
{
    /// <summary>The warnings of a preview.</summary>
    internal static IReadOnlyList<RuleFault> Of(Rule rule, Preview preview) => Of(Leaf.Of(rule), preview);

    /// <summary>The warnings of a segment that was saved; null if they are not known in time, which does not undo the change.</summary>
    internal async Task<IReadOnlyList<RuleFault>?> OfAsync(SegmentDefinition saved, CancellationToken cancellationToken)
    {
        try
        {
            var set = await store.ReadAsync(saved.Project, saved.Environment, cancellationToken);
            var rule = ResolvedRules.Resolve(set, ResolvedRules.Read(JsonElement.Parse(saved.RuleJson)), saved.Id);
            var traits = Leaf.Of(rule).Where(static leaf => leaf.Condition is TraitCondition).ToList();
            if (traits.Count == 0)
                return [];
            var evaluation = new Evaluation.Evaluation(
                saved.Project, saved.Environment, new AllOf(traits.ConvertAll(static leaf => leaf.Condition)), clock.GetUtcNow(), SourceTables.Stored);
            return Of(traits, await places.RunAsync(saved.Project, () => PreviewQuery.RunAsync(runner, evaluation, cancellationToken, options.Value.WarningsDeadline)));
        }
        catch (Exception exception) when (exception is WarehouseUnavailableException or RedisUnavailableException or SegmentFault or InvalidRuleException)
        {
            return null;
        }
    }

    private static IReadOnlyList<RuleFault> Of(IEnumerable<Leaf> leaves, Preview preview) =>
        [.. leaves.Zip(preview.Conditions).SelectMany(each => Of(each.First, each.Second, preview.Users))];

    private static IEnumerable<RuleFault> Of(Leaf leaf, ConditionCounts counts, long users)
    {
        if (leaf.Condition is not TraitCondition || users == 0)
            yield break;
        if (counts.Unset == users)
            yield return new("property_never_seen", leaf.Path, "No user has this property. Compare its spelling with the events that set it.");
        if (counts.OtherType > 0)
            yield return new("other_types_stored", leaf.Path, string.Create(
                CultureInfo.InvariantCulture, $"{counts.OtherType} users have a value of another type than the operator tests. Values are not converted."));
    }
}

using System.Text.Json.Serialization;
using SegOps.InternalApi;
using SegOps.Segments.Membership;
using SegOps.Segments.Rules;
using SegOps.Segments.Store;
using SegOps.ServiceDefaults.Redis;
using SegOps.Warehouse;

namespace SegOps.Segments.Api;

/// <summary>Combines definitions with what is known of their members.</summary>
internal sealed class SegmentAnswers(SegmentStore store, MembershipStatus status)
{
    /// <summary>The answers for <paramref name="segments"/> of one project and environment, in their order. They are complete but for the members, if these cannot be read.</summary>
    internal async Task<List<SegmentAnswer>> OfAsync(Caller caller, IReadOnlyList<SegmentDefinition> segments, CancellationToken cancellationToken)
    {
        try
        {
            var place = new Place(caller.ProjectId, caller.Environment);
            var set = await store.ReadAsync(caller.ProjectId, caller.Environment, cancellationToken);
            var statuses = await status.ReadAsync(place, cancellationToken);
            var rules = new SegmentRules().Resolve(set.Segments.Values).GetValueOrDefault(place, []).ToDictionary(static rule => rule.Id, static rule => rule.Hash);
            return [.. segments.Select(segment =>
            {
                var known = statuses.GetValueOrDefault(segment.Id);
                var isCurrent = known?.Hash == rules.GetValueOrDefault(segment.Id);
                return Answer(segment, known is null or { Failure: null } && !isCurrent ? SegmentStates.Computing : known?.State ?? SegmentStates.Computing, known);
            })];
        }
        catch (Exception exception) when (exception is WarehouseUnavailableException or RedisUnavailableException)
        {
            // A change was made nevertheless, and a client that repeated it would make it twice.
            return [.. segments.Select(static segment => Answer(segment, SegmentStates.Stale, null) with { Failure = "members_unavailable" })];
        }
    }

    private static SegmentAnswer Answer(SegmentDefinition segment, string state, SegmentStatus? known) => new(
        segment.Id, segment.Name, segment.RuleJson, segment.Version, segment.CreatedAt.UtcDateTime, segment.UpdatedAt.UtcDateTime,
        state, known?.Count, known?.ComputedAt?.UtcDateTime, known?.ComputedAt is null ? null : Math.Round(known.Lag.TotalSeconds, 1), known?.Failure);
}

/// <summary>A segment; times are UTC.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Rule">Its rule, as it was sent.</param>
/// <param name="Version">Its version, which is its ETag.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="UpdatedAt">When it was changed last.</param>
/// <param name="State">One of <see cref="SegmentStates"/>.</param>
/// <param name="Count">Its members by the last pass; null while they are first computed.</param>
/// <param name="ComputedAt">What was stored until then is in the members.</param>
/// <param name="LagSeconds">The time since <paramref name="ComputedAt"/>.</param>
/// <param name="Failure">A code that says why the members could not be computed or read; null if they could.</param>
internal sealed record SegmentAnswer(
    Guid Id, string Name, [property: JsonConverter(typeof(RawJsonConverter))] string Rule, long Version, DateTime CreatedAt, DateTime UpdatedAt,
    string State, long? Count, DateTime? ComputedAt, double? LagSeconds, string? Failure)
{
    /// <summary>Probable mistakes in the rule; null if it was not saved just now, or if they are not known.</summary>
    public IReadOnlyList<RuleFault>? Warnings { get; init; }
}

/// <summary>The segments of a project and environment, by name.</summary>
internal sealed record SegmentsAnswer(IReadOnlyList<SegmentAnswer> Segments);

/// <summary>The states of a segment.</summary>
internal static class SegmentStates
{
    /// <summary>Its members are first computed, or a changed rule is applied to them.</summary>
    internal const string Computing = "computing";

    /// <summary>Its members are older than 10 s, or could not be computed or read.</summary>
    internal const string Stale = "stale";
}

using System.Text;
using System.Text.Json;
using SegOps.Contracts;
using SegOps.InternalApi;
using SegOps.Segments.Rules;
using SegOps.Segments.Store;

namespace SegOps.Segments.Api;

/// <summary>Changes definitions, and keeps the references between them valid.</summary>
internal sealed class Definitions(SegmentStore store, TimeProvider clock)
{
    /// <summary>Maximum segments of a project and environment.</summary>
    internal const int MostSegments = 100;

    /// <summary>Maximum length of a name, in Unicode scalar values.</summary>
    internal const int MaxNameLength = 200;

    /// <summary>Creates a segment.</summary>
    /// <exception cref="SegmentFault">The name or the rule is invalid, or there are too many segments.</exception>
    internal async Task<SegmentDefinition> CreateAsync(Caller caller, SegmentBody body)
    {
        var (name, rule, json) = Read(body);
        var now = Now();
        var created = new SegmentDefinition(Guid.CreateVersion7(now), name, json, 1, now, now, caller.ProjectId, caller.Environment);
        await store.ChangeAsync(caller.ProjectId, caller.Environment, set =>
        {
            if (set.Segments.Count >= MostSegments)
                throw new SegmentFault(ErrorCodes.TooManySegments, $"A project has at most {MostSegments} segments in each environment. Delete one.");
            ResolvedRules.Resolve(set, rule, null);
            return new(created.Id, created);
        });
        return created;
    }

    /// <summary>Replaces the name and the rule of a segment.</summary>
    /// <param name="caller">The caller.</param>
    /// <param name="id">The segment.</param>
    /// <param name="body">The new name and rule.</param>
    /// <param name="match">The version that is replaced.</param>
    /// <exception cref="SegmentFault">The segment does not exist or has another version, or the name or the rule is invalid.</exception>
    internal async Task<SegmentDefinition> ReplaceAsync(Caller caller, Guid id, SegmentBody body, VersionMatch match)
    {
        var (name, rule, json) = Read(body);
        var change = await store.ChangeAsync(caller.ProjectId, caller.Environment, set =>
        {
            var before = Find(set, id, match);
            var after = before with { Name = name, RuleJson = json, Version = before.Version + 1, UpdatedAt = Now() };
            ResolvedRules.Resolve(set, rule, id);
            ResolvedRules.CheckReferrers(set, after);
            return new(id, after);
        });
        return change.Definition!;
    }

    /// <summary>Deletes a segment.</summary>
    /// <exception cref="SegmentFault">The segment does not exist, has another version, or others refer to it.</exception>
    internal Task DeleteAsync(Caller caller, Guid id, VersionMatch match) => store.ChangeAsync(caller.ProjectId, caller.Environment, set =>
    {
        Find(set, id, match);
        return ResolvedRules.Referrers(set, id) is { Count: > 0 } referrers
            ? throw new SegmentFault(ErrorCodes.SegmentInUse, $"The rules of these segments refer to it: {string.Join(", ", referrers.Take(10))}. Change them first.")
            : new SegmentChange(id, null);
    });

    private static SegmentDefinition Find(SegmentSet set, Guid id, VersionMatch match)
    {
        var found = set.Segments.GetValueOrDefault(id) ?? throw SegmentFault.NotFound();
        return match.Allows(found.Version)
            ? found
            : throw new SegmentFault(ErrorCodes.SegmentChanged, "The segment was changed since you read it. Read it again, and repeat the change with its new ETag.");
    }

    /// <summary>The time in microseconds, as clients see it.</summary>
    private DateTimeOffset Now()
    {
        var now = clock.GetUtcNow();
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }

    private static (string Name, Rule Rule, string Json) Read(SegmentBody body)
    {
        var name = QueryParameters.Required(body.Text("name"), "name", MaxNameLength);
        if (name.EnumerateRunes().Any(static rune => Rune.IsControl(rune)) || string.IsNullOrWhiteSpace(name))
            throw new InvalidParameterException("name takes no control characters, and at least one that is visible.");
        var rule = ResolvedRules.Read(body.Rule);
        return (name, rule, JsonSerializer.Serialize(body.Rule, SegmentsJson.Default.JsonElement));
    }
}

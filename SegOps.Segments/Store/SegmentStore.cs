using System.Collections.Concurrent;
using System.Text.Json;
using SegOps.Contracts;
using SegOps.ServiceDefaults.Redis;
using StackExchange.Redis;

namespace SegOps.Segments.Store;

/// <summary>
/// The definitions of segments in Redis, where a segment is a field of one hash for each project and environment. A change is written only if none of
/// them has changed since they were read, so that rules that refer to each other stay consistent when several clients change them at the same time.
/// </summary>
internal sealed class SegmentStore(RedisConnection redis, DurableRedis durable) : ISegmentDefinitions
{
    private const string Revision = "revision";

    /// <summary>Attempts to change segments that others change at the same time.</summary>
    private const int Attempts = 10;

    private static readonly string WriteScript = RedisExtensions.ReadScript(typeof(SegmentStore), "write.lua");

    /// <summary>The sets that were read last. Only their revision is read again while it has not changed.</summary>
    private readonly ConcurrentDictionary<(string Project, string Environment), SegmentSet> _known = new();

    /// <inheritdoc/>
    public Task<IReadOnlyList<SegmentDefinition>> AllAsync(CancellationToken cancellationToken) => redis.RunAsync<IReadOnlyList<SegmentDefinition>>(async database =>
    {
        var members = await database.SetMembersAsync(RedisKeys.SegmentProjects).WaitAsync(cancellationToken);
        var sets = await Task.WhenAll(members.Select(member => member.ToString().Split(':', 2)).Select(parts => ReadAsync(database, parts[1], parts[0])))
            .WaitAsync(cancellationToken);
        return [.. sets.SelectMany(set => set.Segments.Values)];
    });

    /// <summary>The segments of a project and environment.</summary>
    /// <exception cref="RedisUnavailableException">Redis did not answer in time.</exception>
    internal Task<SegmentSet> ReadAsync(string project, string environment, CancellationToken cancellationToken) =>
        redis.AskAsync(database => ReadAsync(database, project, environment), redis.NewLookupDeadline(), cancellationToken);

    /// <summary>A segment; null if there is none.</summary>
    /// <exception cref="RedisUnavailableException">Redis did not answer in time.</exception>
    internal async Task<SegmentDefinition?> GetAsync(string project, string environment, Guid id, CancellationToken cancellationToken) =>
        (await ReadAsync(project, environment, cancellationToken)).Segments.GetValueOrDefault(id);

    /// <summary>Makes the change that <paramref name="decide"/> derives from the segments, and waits until it is on Redis's disk.</summary>
    /// <param name="project">The project.</param>
    /// <param name="environment">The environment.</param>
    /// <param name="decide">Derives the change. It is called again if the segments have changed meanwhile, and throws if there is nothing to change.</param>
    /// <returns>The change.</returns>
    /// <exception cref="RedisUnavailableException">Redis did not answer, or did not write to its disk in time. The change may hold.</exception>
    internal Task<SegmentChange> ChangeAsync(string project, string environment, Func<SegmentSet, SegmentChange> decide) => durable.ChangeAsync(async database =>
    {
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            var read = await ReadAsync(database, project, environment);
            var change = decide(read);
            // In another hash slot, so it cannot be a part of the script. A project without segments may be there.
            await database.SetAddAsync(RedisKeys.SegmentProjects, $"{environment}:{project}");
            RedisValue[] values = [read.Revision, Guid.NewGuid().ToString("N"), change.Id.ToString(), Write(change.Definition)];
            if ((bool)await database.ScriptEvaluateAsync(WriteScript, [RedisKeys.Segments(project, environment)], values))
                return change;
        }
        throw new RedisUnavailableException("Others change the project's segments all the time.");
    });

    private async Task<SegmentSet> ReadAsync(IDatabase database, string project, string environment)
    {
        RedisKey key = RedisKeys.Segments(project, environment);
        var revision = (await database.HashGetAsync(key, Revision)).ToString();
        if (_known.TryGetValue((project, environment), out var known) && known.Revision == revision)
            return known;

        // One command, so that the definitions and the revision belong together.
        var fields = await database.HashGetAllAsync(key);
        var set = new SegmentSet(
            fields.FirstOrDefault(field => field.Name == Revision).Value.ToString(),
            fields.Where(field => field.Name != Revision).Select(field => Parse(field, project, environment)).ToDictionary(segment => segment.Id));
        if (set.Revision.Length > 0)
            _known[(project, environment)] = set;
        return set;
    }

    private static SegmentDefinition Parse(HashEntry field, string project, string environment)
    {
        var stored = JsonSerializer.Deserialize(field.Value.ToString(), StoredSegmentJson.Default.StoredSegment)
            ?? throw new JsonException("A definition is null.");
        return new(Guid.Parse(field.Name.ToString()), stored.Name, stored.Rule, stored.Version, stored.CreatedAt, stored.UpdatedAt, project, environment);
    }

    private static string Write(SegmentDefinition? definition) => definition is null
        ? ""
        : JsonSerializer.Serialize(
            new(definition.Name, definition.RuleJson, definition.Version, definition.CreatedAt, definition.UpdatedAt), StoredSegmentJson.Default.StoredSegment);
}

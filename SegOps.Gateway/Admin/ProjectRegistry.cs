using System.Globalization;
using SegOps.Contracts;
using SegOps.ServiceDefaults.Redis;
using StackExchange.Redis;

namespace SegOps.Gateway.Admin;

/// <summary>Projects in Redis. A crash while one is created leaves a record that no key refers to.</summary>
internal sealed class ProjectRegistry(DurableRedis connection, TimeProvider clock)
{
    /// <summary>Creates a project.</summary>
    internal Task<ProjectAnswer> CreateAsync(string name, string plan, long? calls, long? events) => connection.ChangeAsync(async redis =>
    {
        var (id, now) = (RedisHash.NewId("prj_"), clock.GetUtcNow());
        await redis.HashSetAsync(RedisKeys.Project(id), RedisHash.Entries([.. KeyRecords.Project(plan, name, now), .. Overrides(calls, events)]));
        await redis.SortedSetAddAsync(RedisKeys.Projects, id, now.ToUnixTimeMilliseconds());
        return await ReadAsync(redis, id);
    });

    /// <summary>A page of projects from position <paramref name="cursor"/>.</summary>
    internal Task<ProjectsAnswer> ListAsync(long cursor, int limit) => connection.ReadAsync(async redis =>
    {
        var ids = await redis.SortedSetRangeByRankAsync(RedisKeys.Projects, cursor, cursor + limit);
        var reads = ids.Take(limit).Select(async id => Answer(id!, await RedisHash.ReadAsync(redis, RedisKeys.Project(id!))));
        return new ProjectsAnswer(await Task.WhenAll(reads), ids.Length > limit ? (cursor + limit).ToString(CultureInfo.InvariantCulture) : null);
    });

    /// <summary>Reads a project.</summary>
    /// <exception cref="AdminFault">The project does not exist.</exception>
    internal Task<ProjectAnswer> GetAsync(string id) => connection.ReadAsync(redis => ReadAsync(redis, id));

    /// <summary>Replaces the changeable fields of a project at once.</summary>
    internal Task<ProjectAnswer> UpdateAsync(string id, string? name, string plan, long? calls, long? events) => connection.ChangeAsync(async redis =>
    {
        await RedisHash.ChangeAsync(redis, RedisKeys.Project(id), [
            new(ProjectFields.Plan, plan), new(ProjectFields.Name, name ?? ""),
            new(ProjectFields.CallsPerMinute, calls?.ToString(CultureInfo.InvariantCulture)),
            new(ProjectFields.EventsPerMonth, events?.ToString(CultureInfo.InvariantCulture)),
        ]);
        return await ReadAsync(redis, id);
    });

    private static async Task<ProjectAnswer> ReadAsync(IDatabase redis, string id)
    {
        var fields = await RedisHash.ReadAsync(redis, RedisKeys.Project(id));
        return fields.Count > 0 ? Answer(id, fields) : throw new AdminFault(ErrorCodes.ProjectNotFound, "No project has this id.");
    }

    private static ProjectAnswer Answer(string id, Dictionary<string, string> fields) => new(
        id, fields.Text(ProjectFields.Name), fields.Text(ProjectFields.Plan), fields.Time(ProjectFields.CreatedAt),
        fields.Number(ProjectFields.CallsPerMinute), fields.Number(ProjectFields.EventsPerMonth));

    private static IEnumerable<KeyValuePair<string, string>> Overrides(long? calls, long? events)
    {
        if (calls is { } perMinute)
            yield return new(ProjectFields.CallsPerMinute, perMinute.ToString(CultureInfo.InvariantCulture));
        if (events is { } perMonth)
            yield return new(ProjectFields.EventsPerMonth, perMonth.ToString(CultureInfo.InvariantCulture));
    }
}

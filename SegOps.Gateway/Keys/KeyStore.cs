using System.Globalization;
using SegOps.Contracts;
using SegOps.Gateway.Limits;
using SegOps.ServiceDefaults.Redis;
using StackExchange.Redis;

namespace SegOps.Gateway.Keys;

/// <summary>Reads keys and their projects from Redis.</summary>
internal sealed class KeyStore(RedisConnection connection, Plans plans)
{
    private static readonly RedisValue[] KeyFields = [ApiKeyFields.Project, ApiKeyFields.RevokedAt];
    private static readonly RedisValue[] ProjectParts = [ProjectFields.Plan, ProjectFields.CallsPerMinute, ProjectFields.EventsPerMonth];

    /// <summary>Reads a key.</summary>
    /// <param name="key">What the client sent.</param>
    /// <param name="expectedProject">The project it belonged to before, which makes this one round trip rather than two.</param>
    /// <returns>Null when nobody issued the key, or its project is gone.</returns>
    /// <exception cref="RedisUnavailableException">Redis is away or refused.</exception>
    internal Task<KeyGrant?> FindAsync(ApiKey key, string? expectedProject) =>
        connection.RunAsync(redis => FindAsync(redis, key, expectedProject));

    private async Task<KeyGrant?> FindAsync(IDatabase redis, ApiKey key, string? expectedProject)
    {
        var fieldsRead = redis.HashGetAsync(RedisKeys.ApiKey(key.Hash), KeyFields);
        var projectRead = expectedProject is null ? null : ReadProjectAsync(redis, expectedProject);

        // Both are awaited even if the first fails, so that no fault goes unobserved.
        if (projectRead is not null)
            await Task.WhenAll(fieldsRead, projectRead);
        var fields = await fieldsRead;
        if ((string?)fields[0] is not { Length: > 0 } project)
            return null;

        var parts = projectRead is null || project != expectedProject ? await ReadProjectAsync(redis, project) : await projectRead;
        return (string?)parts[0] is { Length: > 0 } plan
            ? new KeyGrant(project, key.Environment, plan, plans.Of(project, plan, parts[1], parts[2]), RevokedAt(fields[1]))
            : null;
    }

    private static Task<RedisValue[]> ReadProjectAsync(IDatabase redis, string project) =>
        redis.HashGetAsync(RedisKeys.Project(project), ProjectParts);

    private static DateTimeOffset? RevokedAt(RedisValue value) =>
        value.IsNull ? null
        : long.TryParse((string?)value, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            && milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
            : DateTimeOffset.MinValue; // Somebody meant to revoke it, so that an unreadable time must not keep it alive.
}

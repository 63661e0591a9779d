using System.Globalization;
using SegOps.Contracts;
using SegOps.ServiceDefaults.Redis;
using StackExchange.Redis;

namespace SegOps.Gateway.Keys;

/// <summary>Reads keys and their projects from Redis.</summary>
internal sealed class KeyStore(RedisConnection connection)
{
    private static readonly RedisValue[] KeyFields = [ApiKeyFields.Project, ApiKeyFields.RevokedAt];

    /// <summary>Reads a key.</summary>
    /// <param name="key">What the client sent.</param>
    /// <param name="expectedProject">The project it belonged to before, which makes this one round trip rather than two.</param>
    /// <returns>Null when nobody issued the key, or its project is gone.</returns>
    /// <exception cref="RedisUnavailableException">Redis is away or refused.</exception>
    internal Task<KeyGrant?> FindAsync(ApiKey key, string? expectedProject) =>
        connection.RunAsync(redis => FindAsync(redis, key, expectedProject));

    private static async Task<KeyGrant?> FindAsync(IDatabase redis, ApiKey key, string? expectedProject)
    {
        var fieldsRead = redis.HashGetAsync(RedisKeys.ApiKey(key.Hash), KeyFields);
        var planRead = expectedProject is null ? null : ReadPlanAsync(redis, expectedProject);

        // Both are awaited even if the first fails, so that no fault goes unobserved.
        if (planRead is not null)
            await Task.WhenAll(fieldsRead, planRead);
        var fields = await fieldsRead;
        if ((string?)fields[0] is not { Length: > 0 } project)
            return null;

        var plan = planRead is null || project != expectedProject ? await ReadPlanAsync(redis, project) : await planRead;
        return plan is { Length: > 0 } ? new KeyGrant(project, key.Environment, plan, RevokedAt(fields[1])) : null;
    }

    private static async Task<string?> ReadPlanAsync(IDatabase redis, string project) =>
        await redis.HashGetAsync(RedisKeys.Project(project), ProjectFields.Plan);

    private static DateTimeOffset? RevokedAt(RedisValue value) =>
        value.IsNull ? null
        : long.TryParse((string?)value, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            && milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
            : DateTimeOffset.MinValue; // Somebody meant to revoke it, so that an unreadable time must not keep it alive.
}

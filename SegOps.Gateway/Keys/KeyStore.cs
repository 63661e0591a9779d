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
    /// <returns>No grant when nobody issued the key, or its project is gone.</returns>
    /// <exception cref="RedisUnavailableException">Redis is away or refused.</exception>
    internal Task<KeyLookup> FindAsync(ApiKey key, string? expectedProject) =>
        connection.RunAsync(redis => FindAsync(redis, key, expectedProject));

    /// <summary>Reads which key store this is: a missing one was emptied, or never had a key.</summary>
    /// <exception cref="RedisUnavailableException">Redis is away or refused.</exception>
    internal Task<string?> ReadEpochAsync() =>
        connection.RunAsync(async redis => (string?)await redis.StringGetAsync(RedisKeys.KeyStoreEpoch));

    private async Task<KeyLookup> FindAsync(IDatabase redis, ApiKey key, string? expectedProject)
    {
        var fieldsRead = redis.HashGetAsync(RedisKeys.ApiKey(key.Hash), KeyFields);
        var projectRead = expectedProject is null ? null : ReadProjectAsync(redis, expectedProject);
        // Asked last: a Redis that is emptied in between must not look as if it still were the one that lacks the key.
        var epochRead = redis.StringGetAsync(RedisKeys.KeyStoreEpoch);

        // All are awaited even if the first fails, so that no fault goes unobserved.
        await Task.WhenAll(fieldsRead, projectRead ?? Task.CompletedTask, epochRead);
        var fields = await fieldsRead;
        var epoch = (string?)await epochRead;
        if ((string?)fields[0] is not { Length: > 0 } project)
            return new(null, epoch);

        var parts = projectRead is null || project != expectedProject ? await ReadProjectAsync(redis, project) : await projectRead;
        return new(
            (string?)parts[0] is { Length: > 0 } plan
                ? new KeyGrant(project, key.Environment, plan, plans.Of(project, plan, parts[1], parts[2]), RevokedAt(fields[1]))
                : null,
            epoch);
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

/// <summary>What Redis says of a key.</summary>
/// <param name="Grant">What the key gives access to; null when Redis does not hold it.</param>
/// <param name="Epoch">Which key store said so, by <see cref="RedisKeys.KeyStoreEpoch"/>; null when it was emptied.</param>
internal readonly record struct KeyLookup(KeyGrant? Grant, string? Epoch);

using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using SegOps.Contracts;
using SegOps.Gateway.Plans;
using SegOps.ServiceDefaults.Redis;
using StackExchange.Redis;

namespace SegOps.Gateway.Keys;

/// <summary>Reads keys and their projects from Redis.</summary>
internal sealed class KeyStore(RedisConnection connection, PlanCatalog plans)
{
    private static readonly RedisValue[] KeyFields =
        [ApiKeyFields.Project, ApiKeyFields.RevokedAt, ApiKeyFields.AllowedOrigins, ApiKeyFields.CallsPerMinutePerAddress];
    private static readonly RedisValue[] ProjectParts = [ProjectFields.Plan, ProjectFields.CallsPerMinute, ProjectFields.EventsPerMonth];

    /// <summary>Reads a key.</summary>
    /// <param name="key">The key that the client sent.</param>
    /// <param name="expectedProject">The project of the last lookup, which saves a round trip.</param>
    /// <returns>No grant if the key was never issued, or its project does not exist.</returns>
    /// <exception cref="RedisUnavailableException">Redis is unavailable or refused.</exception>
    internal Task<KeyLookup> FindAsync(ApiKey key, string? expectedProject) =>
        connection.RunAsync(redis => FindAsync(redis, key, expectedProject));

    /// <summary>Reads the epoch of the key store; null if it was emptied or never held a key.</summary>
    /// <exception cref="RedisUnavailableException">Redis is unavailable or refused.</exception>
    internal Task<string?> ReadEpochAsync() =>
        connection.RunAsync(async redis => (string?)await redis.StringGetAsync(RedisKeys.KeyStoreEpoch));

    private async Task<KeyLookup> FindAsync(IDatabase redis, ApiKey key, string? expectedProject)
    {
        var fieldsRead = redis.HashGetAsync(RedisKeys.ApiKey(key.Hash), KeyFields);
        var projectRead = expectedProject is null ? null : ReadProjectAsync(redis, expectedProject);
        // Read last: if Redis is emptied in between, a missing key must not be returned with the old epoch.
        var epochRead = redis.StringGetAsync(RedisKeys.KeyStoreEpoch);

        // Awaits all even if the first fails, so that no exception is unobserved.
        await Task.WhenAll(fieldsRead, projectRead ?? Task.CompletedTask, epochRead);
        var fields = await fieldsRead;
        var epoch = (string?)await epochRead;
        if ((string?)fields[0] is not { Length: > 0 } project)
            return new(null, epoch);

        var parts = projectRead is null || project != expectedProject ? await ReadProjectAsync(redis, project) : await projectRead;
        return new(
            (string?)parts[0] is { Length: > 0 } plan
                ? new KeyGrant(project, key.Environment, plan, plans.Of(project, plan, parts[1], parts[2]), RevokedAt(fields[1]))
                {
                    Publishable = key.Kind == ApiKeyKind.Publishable ? PublishableGrant.Read(key, fields[2], fields[3]) : null,
                }
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
            : DateTimeOffset.MinValue; // An unreadable time still means that the key was revoked.
}

/// <summary>Redis's answer about a key.</summary>
/// <param name="Grant">The grant of the key; null if Redis does not hold the key.</param>
/// <param name="Epoch">Epoch of the key store that answered, see <see cref="RedisKeys.KeyStoreEpoch"/>; null if it was emptied.</param>
internal readonly record struct KeyLookup(KeyGrant? Grant, string? Epoch);

/// <summary>The access that a key grants. All requests of the key share its authentication ticket.</summary>
internal sealed class KeyGrant
{
    internal KeyGrant(string projectId, string environment, string plan, ProjectLimits limits, DateTimeOffset? revokedAt)
    {
        ProjectId = projectId;
        Environment = environment;
        Plan = plan;
        Limits = limits;
        RevokedAt = revokedAt;
        var identity = new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, projectId)], ApiKeyHandler.Scheme);
        Success = AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), ApiKeyHandler.Scheme));
    }

    /// <summary>The project of the key.</summary>
    internal string ProjectId { get; }

    /// <summary>Live or test, by the prefix of the key.</summary>
    internal string Environment { get; }

    /// <summary>The project's plan in lower case.</summary>
    internal string Plan { get; }

    /// <summary>The project's limits.</summary>
    internal ProjectLimits Limits { get; }

    /// <summary>The time from which the key is refused; null if it was not revoked.</summary>
    internal DateTimeOffset? RevokedAt { get; }

    /// <summary>The restrictions of a publishable key; null for a secret key.</summary>
    internal PublishableGrant? Publishable { get; init; }

    /// <summary>The result of authentication while the key is valid.</summary>
    internal AuthenticateResult Success { get; }

    /// <summary>Whether the key is not revoked at <paramref name="now"/>.</summary>
    internal bool IsValidAt(DateTimeOffset now) => !(RevokedAt <= now);
}

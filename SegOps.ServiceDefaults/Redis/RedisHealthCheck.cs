using Microsoft.Extensions.Diagnostics.HealthChecks;
using SegOps.Contracts;
using StackExchange.Redis;

namespace SegOps.ServiceDefaults.Redis;

/// <summary>
/// Writes a key, because a Redis that only reads looks healthy to PING. Degraded while Redis is unavailable, refuses writes or may lose data; never
/// unhealthy, because the service works without it.
/// </summary>
/// <param name="redis">The connection.</param>
/// <param name="servers">Reads the settings of Redis.</param>
/// <param name="whenUnavailable">The service's behaviour while Redis is unavailable: the end of the sentence.</param>
internal sealed class RedisHealthCheck(RedisConnection redis, RedisServers servers, string whenUnavailable) : IHealthCheck
{
    /// <summary>Services on one machine share a key, so that there are few.</summary>
    private static readonly string Key = RedisKeys.Probe(Environment.MachineName);

    private static readonly TimeSpan Expiry = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await redis.RunAsync(static database => database.StringSetAsync(Key, 1, Expiry)).WaitAsync(cancellationToken);
            var state = await servers.ReadAsync().WaitAsync(cancellationToken);
            return state.Faults.Count > 0
                ? HealthCheckResult.Degraded("Redis can lose data. " + state)
                : HealthCheckResult.Healthy(state.Notes.Count > 0 ? state.ToString() : null);
        }
        catch (RedisUnavailableException exception)
        {
            return HealthCheckResult.Degraded(await RefusalAsync(exception.InnerException) is { } refusal
                ? $"Redis {refusal}. Reads work, writes do not."
                : Unavailable);
        }
        catch (OperationCanceledException)
        {
            return HealthCheckResult.Degraded(Unavailable);
        }
    }

    private string Unavailable => "Redis does not answer: " + whenUnavailable;

    /// <summary>Why Redis refuses writes; null if it does not answer.</summary>
    private async Task<string?> RefusalAsync(Exception? cause) => cause switch
    {
        RedisServerException { Kind: RedisErrorKind.ReadOnly } => "is a read-only replica",
        RedisServerException { Kind: RedisErrorKind.OutOfMemory } => "is out of memory (OOM)",
        RedisServerException { Kind: RedisErrorKind.Misconfigured } => "cannot write to its disk (MISCONF)",
        RedisServerException { Kind: not (RedisErrorKind.Loading or RedisErrorKind.MasterDown or RedisErrorKind.ClusterDown) and var kind } => $"refuses writes ({kind})",
        RedisServerException => null,
        _ => await redis.IsReplicaAsync() ? "is a read-only replica" : null, // The client knows the role and does not send writes.
    };
}

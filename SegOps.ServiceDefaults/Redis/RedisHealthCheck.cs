using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace SegOps.ServiceDefaults.Redis;

/// <summary>Degraded while Redis is away, never worse: the service goes on without it, and another instance would fare no better.</summary>
/// <param name="redis">What is asked.</param>
/// <param name="whenAway">What the service does meanwhile, for people.</param>
internal sealed class RedisHealthCheck(RedisConnection redis, string whenAway) : IHealthCheck
{
    internal const string Name = "redis";

    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await redis.RunAsync(database => database.PingAsync()).WaitAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception exception) when (exception is RedisUnavailableException or OperationCanceledException)
        {
            return HealthCheckResult.Degraded("Redis does not answer: " + whenAway);
        }
    }
}

using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;

namespace SegOps.Gateway.Keys;

/// <summary>Degraded while Redis is away, never worse: keys already seen still work, and another gateway would fare no better.</summary>
internal sealed class KeyStoreHealthCheck(KeyStore store) : IHealthCheck
{
    internal const string Name = "key_store";

    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await store.PingAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or OperationCanceledException)
        {
            return HealthCheckResult.Degraded("Redis does not answer: keys already seen keep working, others are answered 503.");
        }
    }
}

using Microsoft.Extensions.Diagnostics.HealthChecks;
using SegOps.ServiceDefaults.Redis;

namespace SegOps.Gateway.Keys;

/// <summary>Degraded while Redis holds no key store: keys seen before work from memory, and only people can bring the others back.</summary>
internal sealed class KeyStoreHealthCheck(KeyStore store) : IHealthCheck
{
    internal const string Name = "key_store";

    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            return await store.ReadEpochAsync() is null
                ? HealthCheckResult.Degraded("Redis was emptied, or no key was ever created: restore it or create keys.")
                : HealthCheckResult.Healthy();
        }
        catch (RedisUnavailableException)
        {
            return HealthCheckResult.Degraded("Redis is away.");
        }
    }
}

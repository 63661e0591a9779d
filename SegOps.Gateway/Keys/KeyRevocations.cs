using SegOps.Contracts;
using SegOps.ServiceDefaults.Redis;

namespace SegOps.Gateway.Keys;

/// <summary>
/// Lets <see cref="KeyCache"/> forget a key as soon as any gateway revokes it. Otherwise a revoked key would stay valid here, if Redis became
/// unavailable before the next lookup, until Redis is back.
/// </summary>
internal sealed class KeyRevocations(RedisConnection redis, KeyCache keys, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!await TrySubscribeAsync())
            await Task.Delay(Pause, clock, stoppingToken);
    }

    private async Task<bool> TrySubscribeAsync()
    {
        try
        {
            await redis.SubscribeAsync(RedisKeys.Revocations, keys.Forget);
            return true;
        }
        catch (RedisUnavailableException)
        {
            return false;
        }
    }
}

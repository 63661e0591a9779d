using Microsoft.Extensions.Options;
using SegOps.Contracts;
using SegOps.ServiceDefaults.Redis;

namespace SegOps.Monitoring.Quota;

/// <summary>Lets one instance at a time set figures right: the one that is at it goes on, another takes over when it goes away.</summary>
internal sealed class ReconcilerLease(RedisConnection redis, IOptions<QuotaOptions> options)
{
    private readonly string _holder = Guid.NewGuid().ToString("N");

    // Two passes may fail before another instance takes over, which then has to wait for an interval of its own.
    private readonly TimeSpan _lasts = 3 * options.Value.ReconcileInterval;

    /// <summary>Takes the lease if it is free, or prolongs it.</summary>
    /// <returns>Whether this instance holds it.</returns>
    internal Task<bool> HoldAsync() => redis.RunAsync(async database =>
        await database.LockExtendAsync(RedisKeys.Reconciler, _holder, _lasts) || await database.LockTakeAsync(RedisKeys.Reconciler, _holder, _lasts));

    /// <summary>Gives it up, if this instance holds it.</summary>
    internal Task ReleaseAsync() => redis.RunAsync(database => database.LockReleaseAsync(RedisKeys.Reconciler, _holder));
}

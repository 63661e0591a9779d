using System.Collections.Concurrent;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using SegOps.Contracts;
using SegOps.Gateway.Telemetry;
using SegOps.ServiceDefaults.Redis;

namespace SegOps.Gateway.Keys;

/// <summary>
/// Keys in memory. A key's state is fresh for <see cref="KeyStoreOptions.Freshness"/>; then the next request asks Redis, once for all that
/// wait. While Redis is unavailable, and after it was emptied, stale states stay in use. Only existing keys are cached, so that guesses
/// take no memory.
/// </summary>
internal sealed class KeyCache(
    KeyStore store, RedisConnection redis, KeyLastUsedBuffer lastUsed, GatewayTelemetry telemetry, IOptions<KeyStoreOptions> options,
    TimeProvider clock) : IDisposable
{
    private readonly MemoryCache _known = new(new MemoryCacheOptions { SizeLimit = options.Value.Capacity });
    private readonly ConcurrentDictionary<ApiKey, Lazy<Task<KeyGrant?>>> _lookups = new();
    private static readonly MemoryCacheEntryOptions OneEach = new() { Size = 1 };

    /// <summary>Lookups that Redis has not answered.</summary>
    internal int PendingLookups => _lookups.Count;

    /// <summary>Whether memory holds the key, fresh or stale.</summary>
    internal bool Holds(ApiKey key) => _known.TryGetValue(key, out _);

    /// <summary>Finds the grant of a key; null if the key was never issued.</summary>
    /// <exception cref="RedisUnavailableException">Redis is unavailable or was emptied, and memory does not hold the key.</exception>
    internal ValueTask<KeyGrant?> FindAsync(ApiKey key, RedisDeadline deadline, CancellationToken cancellationToken)
    {
        var known = _known.Get<Known>(key);
        if (known is null || clock.GetElapsedTime(known.CheckedAt) >= options.Value.Freshness)
            return new(AskAsync(key, known, deadline, cancellationToken));

        telemetry.LookedUp(GatewayTelemetry.Memory);
        return new(known.Grant);
    }

    /// <summary>Forgets the key of this hash, so that its next request asks Redis. Rare, so that it may look at all keys.</summary>
    internal void Forget(string hash)
    {
        foreach (var key in _known.Keys.OfType<ApiKey>().Where(key => key.Hash == hash))
            _known.Remove(key);
    }

    /// <summary>Forgets all keys.</summary>
    public void Dispose() => _known.Dispose();

    private async Task<KeyGrant?> AskAsync(ApiKey key, Known? known, RedisDeadline deadline, CancellationToken cancellationToken)
    {
        try
        {
            // Added only if Redis is queried, because the end of the lookup removes it.
            var grant = await redis.AskAsync(
                _ => _lookups.GetOrAdd(key, _ => new(() => LookUpAsync(key, known))).Value,
                known is null ? redis.NewLookupDeadline() : deadline, // Without Redis, the request would fail.
                cancellationToken);
            telemetry.LookedUp(GatewayTelemetry.Store);
            NoteUse(key, grant);
            return grant;
        }
        catch (RedisUnavailableException)
        {
            telemetry.LookedUp(known is null ? GatewayTelemetry.Unavailable : GatewayTelemetry.Stale);
            if (known is null)
                throw;

            // Other requests then use the stale state at once, until the next lookup is due.
            known.CheckedAt = clock.GetTimestamp();
            NoteUse(key, known.Grant);
            return known.Grant;
        }
    }

    /// <summary>Records the use once per lookup, not per request, which is accurate enough.</summary>
    private void NoteUse(ApiKey key, KeyGrant? grant)
    {
        if (grant?.IsValidAt(clock.GetUtcNow()) == true)
            lastUsed.Note(key);
    }

    /// <summary>Continues after the requests stop waiting, because a late answer still refreshes the cache.</summary>
    private async Task<KeyGrant?> LookUpAsync(ApiKey key, Known? known)
    {
        try
        {
            var askedAt = clock.GetTimestamp();
            var (grant, epoch) = await store.FindAsync(key, known?.Grant.ProjectId);
            if (grant is not null && known?.Grant.RevokedAt is { } revokedAt && !(grant.RevokedAt <= revokedAt))
                grant = known.Grant; // A revocation is final. Redis has lost it.
            if (grant is not null)
                _known.Set(key, new Known(grant, epoch) { CheckedAt = askedAt }, OneEach);
            else if (epoch is null || (known is not null && known.Epoch != epoch))
                throw new RedisUnavailableException("Redis was emptied: a missing key may exist.");
            else
                _known.Remove(key);
            return grant;
        }
        finally
        {
            _lookups.TryRemove(key, out _);
        }
    }

    private sealed class Known(KeyGrant grant, string? epoch)
    {
        internal KeyGrant Grant => grant;

        /// <summary>Epoch of the key store that held the key.</summary>
        internal string? Epoch => epoch;

        /// <summary>Timestamp of the last lookup.</summary>
        internal long CheckedAt;
    }
}

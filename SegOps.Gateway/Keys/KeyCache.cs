using System.Collections.Concurrent;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using SegOps.Contracts;
using SegOps.ServiceDefaults.Redis;

namespace SegOps.Gateway.Keys;

/// <summary>
/// Keys by memory first. A key's state is fresh for <see cref="KeyStoreOptions.Freshness"/>; after that the next request asks Redis, once
/// however many wait. While Redis is away, and after it was emptied, what memory holds goes on being used. Only keys that exist are held, so that guessing fills nothing.
/// </summary>
internal sealed class KeyCache(
    KeyStore store, RedisConnection redis, KeyUses uses, KeyMetrics metrics, IOptions<KeyStoreOptions> options, TimeProvider clock) : IDisposable
{
    private readonly MemoryCache _known = new(new MemoryCacheOptions { SizeLimit = options.Value.Capacity });
    private readonly ConcurrentDictionary<ApiKey, Lazy<Task<KeyGrant?>>> _lookups = new();
    private static readonly MemoryCacheEntryOptions OneEach = new() { Size = 1 };

    /// <summary>Whether memory holds the key, however fresh.</summary>
    internal bool Holds(ApiKey key) => _known.TryGetValue(key, out _);

    /// <summary>Finds what a key gives access to; null when nobody issued it.</summary>
    /// <exception cref="RedisUnavailableException">Redis is away or was emptied, and memory does not hold the key.</exception>
    internal ValueTask<KeyGrant?> FindAsync(ApiKey key, RedisDeadline budget, CancellationToken cancellationToken)
    {
        var known = _known.Get<Known>(key);
        if (known is null || clock.GetElapsedTime(known.CheckedAt) >= options.Value.Freshness)
            return new(AskAsync(key, known, budget, cancellationToken));

        metrics.Looked(KeyMetrics.Memory);
        return new(known.Grant);
    }

    /// <summary>Forgets everything.</summary>
    public void Dispose() => _known.Dispose();

    private async Task<KeyGrant?> AskAsync(ApiKey key, Known? known, RedisDeadline budget, CancellationToken cancellationToken)
    {
        try
        {
            var lookup = _lookups.GetOrAdd(key, _ => new(() => LookUpAsync(key, known)));
            var grant = await redis.AskAsync(_ => lookup.Value, budget, cancellationToken);
            metrics.Looked(KeyMetrics.Store);
            NoteUse(key, grant);
            return grant;
        }
        catch (RedisUnavailableException)
        {
            metrics.Looked(known is null ? KeyMetrics.Unavailable : KeyMetrics.Stale);
            if (known is null)
                throw;
            // The others need not wait for Redis too until it is worth asking again.
            known.CheckedAt = clock.GetTimestamp();
            NoteUse(key, known.Grant);
            return known.Grant;
        }
    }

    /// <summary>Here rather than for each request: once per refresh is exact enough.</summary>
    private void NoteUse(ApiKey key, KeyGrant? grant)
    {
        if (grant?.IsValidAt(clock.GetUtcNow()) == true)
            uses.Note(key);
    }

    /// <summary>Outlives the requests that wait for it: what comes late still refreshes the memory.</summary>
    private async Task<KeyGrant?> LookUpAsync(ApiKey key, Known? known)
    {
        try
        {
            var askedAt = clock.GetTimestamp();
            var (grant, epoch) = await store.FindAsync(key, known?.Grant.ProjectId);
            if (grant is not null)
                _known.Set(key, new Known(grant, epoch) { CheckedAt = askedAt }, OneEach);
            else if (epoch is null || (known is not null && known.Epoch != epoch))
                throw new RedisUnavailableException("Redis was emptied: that it lacks the key says nothing.");
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

        /// <summary>The key store that held the key.</summary>
        internal string? Epoch => epoch;

        /// <summary>Timestamp of the clock at which Redis was asked last.</summary>
        internal long CheckedAt;
    }
}

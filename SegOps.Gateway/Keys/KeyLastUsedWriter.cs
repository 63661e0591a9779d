using Microsoft.Extensions.Options;
using SegOps.Contracts;
using SegOps.ServiceDefaults.Redis;

namespace SegOps.Gateway.Keys;

/// <summary>
/// Writes <see cref="ApiKeyFields.LastUsedAt"/> of the keys in <see cref="KeyLastUsedBuffer"/>, every <see cref="KeyStoreOptions.LastUsedInterval"/>
/// and at shutdown. Times that could not be written go back to the buffer.
/// </summary>
internal sealed class KeyLastUsedWriter(KeyLastUsedBuffer buffer, RedisConnection redis, IOptions<KeyStoreOptions> options, TimeProvider clock)
    : BackgroundService
{
    /// <summary>Keys per round trip, limited so that requests on the same connection are not delayed.</summary>
    private const int BatchSize = 500;

    /// <summary>Does not recreate a deleted key, and does not replace a later time of another gateway.</summary>
    private const string Script = $"""
        if redis.call('EXISTS', KEYS[1]) == 1
          and (tonumber(redis.call('HGET', KEYS[1], '{ApiKeyFields.LastUsedAt}') or 0) or 0) < tonumber(ARGV[1]) then
          redis.call('HSET', KEYS[1], '{ApiKeyFields.LastUsedAt}', ARGV[1])
        end
        """;

    // Created here, so that the intervals count from the start of the service.
    private readonly PeriodicTimer _timer = new(options.Value.LastUsedInterval, clock);

    /// <summary>Writes the rest of the buffer.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await FlushAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _timer.Dispose();
        base.Dispose();
    }

    /// <summary>Writes the buffer, until Redis refuses or <paramref name="cancellationToken"/> is cancelled.</summary>
    internal async Task FlushAsync(CancellationToken cancellationToken)
    {
        var taken = buffer.Take();
        var written = 0;
        try
        {
            foreach (var batch in taken.Chunk(BatchSize))
            {
                if (cancellationToken.IsCancellationRequested)
                    break;
                await redis.RunAsync(database => Task.WhenAll(
                    batch.Select(use => database.ScriptEvaluateAsync(Script, [RedisKeys.ApiKey(use.Key)], [use.Value]))));
                written += batch.Length;
            }
        }
        catch (RedisUnavailableException)
        {
            // The connection logs it.
        }
        buffer.PutBack(taken.Skip(written));
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (await _timer.WaitForNextTickAsync(stoppingToken))
            await FlushAsync(stoppingToken);
    }
}

/// <summary>Times of keys' last use that are not written yet: at most <see cref="KeyStoreOptions.Capacity"/> keys; others are dropped.</summary>
internal sealed class KeyLastUsedBuffer(IOptions<KeyStoreOptions> options, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private Dictionary<string, long> _times = [];

    /// <summary>Records a use of a key.</summary>
    internal void Note(ApiKey key)
    {
        lock (_lock)
            if (_times.Count < options.Value.Capacity || _times.ContainsKey(key.Hash))
                _times[key.Hash] = clock.GetUtcNow().ToUnixTimeMilliseconds();
    }

    /// <summary>Removes and returns all times: Unix times in milliseconds by the keys' hashes.</summary>
    internal Dictionary<string, long> Take()
    {
        lock (_lock)
        {
            var taken = _times;
            _times = [];
            return taken;
        }
    }

    /// <summary>Returns times that were not written, unless the buffer is full or has a newer time.</summary>
    internal void PutBack(IEnumerable<KeyValuePair<string, long>> times)
    {
        lock (_lock)
            foreach (var (hash, time) in times)
                if (_times.Count < options.Value.Capacity)
                    _times.TryAdd(hash, time);
    }
}

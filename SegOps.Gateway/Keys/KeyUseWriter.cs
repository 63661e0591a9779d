using Microsoft.Extensions.Options;
using SegOps.Contracts;
using SegOps.ServiceDefaults.Redis;

namespace SegOps.Gateway.Keys;

/// <summary>
/// Writes <see cref="ApiKeyFields.LastUsedAt"/> every <see cref="KeyStoreOptions.LastUsedInterval"/> and at shutdown, of all keys used since.
/// What Redis does not take is tried again with the next.
/// </summary>
internal sealed class KeyUseWriter(KeyUses uses, RedisConnection redis, IOptions<KeyStoreOptions> options, TimeProvider clock) : BackgroundService
{
    /// <summary>Keys in one round trip: few enough that requests, which share the connection, do not wait behind them noticeably.</summary>
    private const int BatchSize = 500;

    /// <summary>Neither brings back a key that was deleted, nor replaces what another gateway saw later.</summary>
    private const string Script = $"""
        if redis.call('EXISTS', KEYS[1]) == 1
          and (tonumber(redis.call('HGET', KEYS[1], '{ApiKeyFields.LastUsedAt}') or 0) or 0) < tonumber(ARGV[1]) then
          redis.call('HSET', KEYS[1], '{ApiKeyFields.LastUsedAt}', ARGV[1])
        end
        """;

    // Ticks from the start on, however late the loop begins.
    private readonly PeriodicTimer _timer = new(options.Value.LastUsedInterval, clock);

    /// <summary>Writes the last of it.</summary>
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

    /// <summary>Writes what was noted so far, until Redis does not take it or <paramref name="cancellationToken"/> says that time is up.</summary>
    internal async Task FlushAsync(CancellationToken cancellationToken)
    {
        var taken = uses.Take();
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
            // The connection has logged it.
        }
        uses.PutBack(taken.Skip(written));
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (await _timer.WaitForNextTickAsync(stoppingToken))
            await FlushAsync(stoppingToken);
    }
}

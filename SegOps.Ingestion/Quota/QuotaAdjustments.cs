using System.Collections.Concurrent;
using System.Threading.Channels;
using SegOps.Ingestion.Telemetry;
using SegOps.InternalApi;
using SegOps.ServiceDefaults.Redis;

namespace SegOps.Ingestion.Quota;

/// <summary>
/// Pending corrections of Redis's figures: events accepted without Redis, and returned reservations. Sums them by usage and
/// period, and adds them to Redis in the background, with retries while Redis is unavailable, and a last time at shutdown.
/// </summary>
internal sealed class QuotaAdjustments(RedisConnection redis, TimeProvider clock, IngestionTelemetry telemetry) : BackgroundService
{
    /// <summary>Maximum number of sums, about 2 MB. Reconciliation corrects further figures.</summary>
    private const int Capacity = 10_000;

    /// <summary>Attempts at shutdown, each bounded by <c>Redis:CommandTimeout</c>.</summary>
    private const int LastAttempts = 3;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<(Usage Usage, string Period), long> _sums = new();
    private readonly Channel<bool> _work = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Adds <paramref name="events"/>, negative if they are returned to the quota.</summary>
    public void Add(Usage usage, string period, long events)
    {
        var key = (usage, period);
        if (!_sums.ContainsKey(key) && _sums.Count >= Capacity) // Count is last, because it takes all locks of the dictionary.
            telemetry.UsageLost(events);
        else
            _sums.AddOrUpdate(key, events, (_, sum) => sum + events);
        _work.Writer.TryWrite(true);
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        for (var attempt = 0; attempt < LastAttempts && !await FlushAsync().WaitAsync(cancellationToken); attempt++)
        {
        }
        telemetry.UsageLost(_sums.Values.Sum(Math.Abs));
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var _ in _work.Reader.ReadAllAsync(stoppingToken))
        {
            while (!await FlushAsync())
                await Task.Delay(Pause, clock, stoppingToken);
        }
    }

    /// <summary>Adds all sums to Redis's figures.</summary>
    /// <returns>Whether Redis confirmed.</returns>
    private async Task<bool> FlushAsync()
    {
        foreach (var key in _sums.Keys)
        {
            if (!_sums.TryRemove(key, out var sum) || sum == 0)
                continue;
            try
            {
                await redis.RunAsync(database => database.ScriptEvaluateAsync(
                    UsageScripts.Correct, [key.Usage.Key], key.Usage.IsDaily ? [key.Period, sum, Usage.DaysAreKept] : [key.Period, sum]));
            }
            catch (RedisUnavailableException exception)
            {
                if (!ReserveAttempt.MayLand(exception.InnerException))
                    _sums.AddOrUpdate(key, sum, (_, later) => later + sum);
                return false;
            }
        }

        return true;
    }
}

using System.Globalization;
using SegOps.Contracts;
using SegOps.Ingestion.Telemetry;
using SegOps.ServiceDefaults.Redis;
using StackExchange.Redis;

namespace SegOps.Ingestion.Ledger;

/// <summary>
/// Writes <see cref="ReceivedCounts"/> to Redis, where Monitoring finds them: twice a second what has changed, again and again while Redis is
/// away, and a last time at shutdown, when the web server has stopped and all requests have ended.
/// </summary>
internal sealed class ReceivedWriter(ReceivedCounts counts, RedisConnection redis, TimeProvider clock, IngestionTelemetry telemetry) : BackgroundService
{
    /// <summary>Minutes of projects in one call, about 100 bytes each.</summary>
    private const int MaxEntries = 1000;

    /// <summary>Attempts at shutdown, each bounded by <c>Redis:CommandTimeout</c>.</summary>
    private const int LastAttempts = 3;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);
    private static readonly string Script = RedisExtensions.ReadScript(typeof(ReceivedWriter), "received.lua");

    /// <summary>Tells this process's counts from those of others, and of itself before a restart.</summary>
    private readonly string _instance = Guid.NewGuid().ToString("N");

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        for (var attempt = 0; attempt < LastAttempts && !await FlushAsync().WaitAsync(cancellationToken); attempt++)
        {
        }
        telemetry.ReceivedUncounted(counts.TakeChanged(int.MaxValue).Sum(each => each.Value.Accepted + each.Value.Rejected));
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Interval, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await FlushAsync();
            counts.Forget();
        }
    }

    /// <summary>Writes all that has changed.</summary>
    /// <returns>Whether Redis took it.</returns>
    private async Task<bool> FlushAsync()
    {
        while (counts.TakeChanged(MaxEntries) is { Count: > 0 } changed)
        {
            try
            {
                foreach (var minute in changed.GroupBy(each => each.Key.Minute))
                    await WriteAsync(minute.Key, minute);
            }
            catch (RedisUnavailableException)
            {
                counts.PutBack(changed.Select(each => each.Key));
                return false;
            }
        }

        return true;
    }

    private Task<RedisResult> WriteAsync(DateTime minute, IEnumerable<KeyValuePair<ReceivedMinute, ReceivedCount>> entries)
    {
        var name = minute.ToString(ReceivedFields.MinuteFormat, CultureInfo.InvariantCulture);
        List<RedisValue> arguments = [name, (long)ReceivedFields.Retention.TotalSeconds];
        foreach (var (key, count) in entries)
        {
            arguments.Add(ReceivedFields.Name(_instance, key.Environment, key.Project));
            arguments.Add(ReceivedFields.Value(count.Accepted, count.Rejected));
        }

        return redis.RunAsync(database => database.ScriptEvaluateAsync(Script, [RedisKeys.Received(name), RedisKeys.ReceivedChanges], [.. arguments]));
    }
}

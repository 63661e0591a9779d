using System.Globalization;
using SegOps.Contracts;
using SegOps.Ingestion.Telemetry;
using SegOps.ServiceDefaults.Redis;
using StackExchange.Redis;

namespace SegOps.Ingestion.Audit;

/// <summary>
/// Writes <see cref="EventAudit"/> to Redis, where Monitoring reads it: twice a second, with retries while Redis is unavailable, and a
/// last time at shutdown, after all requests.
/// </summary>
internal sealed class EventAuditWriter(EventAudit audit, RedisConnection redis, TimeProvider clock, IngestionTelemetry telemetry) : BackgroundService
{
    /// <summary>Maximum entries per call, about 100 bytes each.</summary>
    private const int MaxEntries = 1000;

    /// <summary>Attempts at shutdown, each bounded by <c>Redis:CommandTimeout</c>.</summary>
    private const int LastAttempts = 3;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);
    private static readonly string Script = RedisExtensions.ReadScript(typeof(EventAuditWriter), "received.lua");

    /// <summary>Distinguishes this process's counts from those of others, and from its own before a restart.</summary>
    private readonly string _instance = Guid.NewGuid().ToString("N");

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        for (var attempt = 0; attempt < LastAttempts && !await FlushAsync().WaitAsync(cancellationToken); attempt++)
        {
        }
        telemetry.ReceivedUncounted(audit.TakeChanged(int.MaxValue).Sum(each => each.Value.Accepted + each.Value.Rejected));
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Interval, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await FlushAsync();
            audit.RemoveOld();
        }
    }

    /// <summary>Writes all changes.</summary>
    /// <returns>Whether Redis confirmed.</returns>
    private async Task<bool> FlushAsync()
    {
        while (audit.TakeChanged(MaxEntries) is { Count: > 0 } changed)
        {
            try
            {
                foreach (var minute in changed.GroupBy(each => each.Key.Minute))
                    await WriteAsync(minute.Key, minute);
            }
            catch (RedisUnavailableException)
            {
                audit.PutBack(changed.Select(each => each.Key));
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

/// <summary>Adds the event audit.</summary>
internal static class EventAuditExtensions
{
    /// <summary>Adds <see cref="EventAudit"/> and its writer, which uses the quota's connection to Redis.</summary>
    public static IHostApplicationBuilder AddEventAudit(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<EventAudit>();
        builder.Services.AddHostedService<EventAuditWriter>();
        return builder;
    }
}

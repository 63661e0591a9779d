using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using SegOps.Warehouse;

namespace SegOps.Monitoring.Rollups;

/// <summary>
/// Keeps roll-ups up to date. Several instances can do so at the same time: each writes whole rows, computed from stored rows.
/// </summary>
internal sealed partial class RollupWorker : BackgroundService
{
    /// <summary>Minimum period of the search for changes: more than the 60 s after which a bucket is counted for the last time.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(2);

    /// <summary>Retention of changes.</summary>
    private static readonly TimeSpan Everything = TimeSpan.FromDays(9);

    /// <summary>Maximum pause, regardless of the pass's duration, so that figures stay useful.</summary>
    private static readonly TimeSpan MaxPause = TimeSpan.FromMinutes(1);

    /// <summary>Refusals in one pass from which the cause is ClickHouse, not a bucket that is too large.</summary>
    private const int MostRefusals = 5;

    private readonly BucketRollups _rollups;
    private readonly TimeSpan _interval;
    private readonly TimeProvider _clock;
    private readonly ILogger<RollupWorker> _logger;
    private readonly Counter<long> _counted;
    private long? _completed;
    private long _upToDateTicks;
    private bool _failing;

    public RollupWorker(BucketRollups rollups, IOptions<RollupOptions> options, TimeProvider clock, IMeterFactory meters, ILogger<RollupWorker> logger)
    {
        (_rollups, _interval, _clock, _logger) = (rollups, options.Value.Interval, clock, logger);
        _counted = meters.Create("SegOps.Monitoring").CreateCounter<long>(
            "segops.rollups.quarters", "{quarter}", "15-minute buckets of a project that were counted again.");
    }

    /// <summary>Start of the last complete pass; null before the first. The roll-ups include all rows stored before it.</summary>
    internal DateTimeOffset? UpToDateAt => Interlocked.Read(ref _upToDateTicks) is var ticks and > 0 ? new(ticks, TimeSpan.Zero) : null;

    /// <summary>Counts changed buckets. Does nothing while ClickHouse is unavailable or has no tables yet.</summary>
    /// <returns>Whether there are more changes than one pass counts.</returns>
    internal async Task<bool> PassAsync(CancellationToken cancellationToken)
    {
        using var untraced = SuppressInstrumentationScope.Begin();
        try
        {
            var (began, beganAt) = (_clock.GetTimestamp(), _clock.GetUtcNow());
            var buckets = await _rollups.FindChangedAsync(_completed is { } last ? _clock.GetElapsedTime(last) + Overlap : Everything, cancellationToken);
            await CountAsync(buckets, cancellationToken);
            var isMore = buckets.Count == BucketRollups.MaxBuckets;
            if (!isMore)
            {
                _completed = began;
                Interlocked.Exchange(ref _upToDateTicks, beganAt.UtcTicks);
            }
            if (_failing)
                LogRecovered();
            _failing = false;
            return isMore;
        }
        catch (WarehouseUnavailableException unavailable)
        {
            if (!_failing)
                LogFailing(unavailable.Message);
            _failing = true;
            return false;
        }
    }

    /// <summary>Counts all buckets. If ClickHouse refuses one, for example because of memory, the others are still counted.</summary>
    /// <exception cref="WarehouseUnavailableException">ClickHouse refused a bucket, or does not answer.</exception>
    private async Task CountAsync(List<ChangedBucket> buckets, CancellationToken cancellationToken)
    {
        var refusals = 0;
        WarehouseUnavailableException? refused = null;
        foreach (var bucket in buckets)
        {
            try
            {
                await _rollups.CountAsync(bucket, cancellationToken);
                _counted.Add(1);
            }
            catch (WarehouseUnavailableException unavailable) when (unavailable.Code is not null && ++refusals < MostRefusals)
            {
                refused = unavailable;
            }
        }
        if (refused is not null)
            throw refused;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var began = _clock.GetTimestamp();
            var isMore = false;
            try
            {
                isMore = await PassAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // The next pass finds the same buckets again.
                LogFailed(exception);
            }

            await Task.Delay(isMore ? _interval : Pause(_clock.GetElapsedTime(began)), _clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Nine times the duration of the pass, so that roll-ups use at most a tenth of ClickHouse's time.</summary>
    private TimeSpan Pause(TimeSpan took) => TimeSpan.FromTicks(long.Clamp(9 * took.Ticks, _interval.Ticks, long.Max(_interval.Ticks, MaxPause.Ticks)));

    [LoggerMessage(LogLevel.Warning, "Volumes are not kept up to date: {Reason}")]
    private partial void LogFailing(string reason);

    [LoggerMessage(LogLevel.Information, "Volumes are up to date again.")]
    private partial void LogRecovered();

    [LoggerMessage(LogLevel.Error, "Updating volumes failed.")]
    private partial void LogFailed(Exception exception);
}

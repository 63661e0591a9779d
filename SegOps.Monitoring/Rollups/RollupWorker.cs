using Microsoft.Extensions.Options;
using OpenTelemetry;
using SegOps.Contracts;
using SegOps.ServiceDefaults.Redis;
using SegOps.Warehouse;

namespace SegOps.Monitoring.Rollups;

/// <summary>
/// Keeps the accounts up to date. One instance does this at a time, because it is enough. While Redis is unavailable, all do: their rows are equal.
/// </summary>
internal sealed partial class RollupWorker(
    SliceCounter counter, DuplicateSearch duplicates, RedisConnection redis, IOptions<RollupOptions> options, TimeProvider clock, ILogger<RollupWorker> logger)
    : BackgroundService
{
    /// <summary>Maximum pause, regardless of a pass's duration, so that figures stay useful.</summary>
    private static readonly TimeSpan MaxPause = TimeSpan.FromMinutes(1);

    /// <summary>Another instance takes over after this time.</summary>
    private static readonly TimeSpan LeaseLasts = TimeSpan.FromSeconds(15);

    private readonly RedisLease _lease = new(redis, RedisKeys.Rollups, LeaseLasts);
    private volatile bool _leads;
    private bool _failing;

    /// <summary>Counts changed slices, and finds duplicates that are near in time. Does nothing while ClickHouse is unavailable.</summary>
    /// <returns>Whether there are more changes than one pass counts.</returns>
    internal Task<bool> PassAsync(CancellationToken cancellationToken) => TryAsync(async () =>
    {
        var isMore = false;
        foreach (var source in AccountSource.All)
            isMore |= await counter.CountAsync(source, cancellationToken);
        return isMore | await duplicates.NearAsync(cancellationToken);
    });

    /// <summary>Finds duplicates that can be anywhere in time.</summary>
    /// <returns>Whether there is more than one pass searches.</returns>
    internal Task<bool> SearchAsync(CancellationToken cancellationToken) => TryAsync(() => duplicates.AnywhereAsync(cancellationToken));

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await _lease.ReleaseAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        LeadAsync(stoppingToken),
        RepeatAsync(PassAsync, pauses: 9, stoppingToken),
        RepeatAsync(SearchAsync, pauses: 19, stoppingToken));

    private async Task LeadAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                _leads = await _lease.HoldAsync();
            }
            catch (RedisUnavailableException)
            {
                _leads = true;
            }
            await Task.Delay(LeaseLasts / 3, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Pauses for a multiple of a pass's duration, so that the accounts use a small part of ClickHouse's time.</summary>
    private async Task RepeatAsync(Func<CancellationToken, Task<bool>> passAsync, int pauses, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            var began = clock.GetTimestamp();
            var isMore = false;
            try
            {
                isMore = _leads && await passAsync(stopping);
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                // The next pass finds the same changes again.
                LogFailed(logger, exception);
            }

            var pause = isMore ? options.Value.Interval : Pause(pauses * clock.GetElapsedTime(began));
            await Task.Delay(pause, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private TimeSpan Pause(TimeSpan wanted) =>
        TimeSpan.FromTicks(long.Clamp(wanted.Ticks, options.Value.Interval.Ticks, long.Max(options.Value.Interval.Ticks, MaxPause.Ticks)));

    private async Task<bool> TryAsync(Func<Task<bool>> passAsync)
    {
        using var untraced = SuppressInstrumentationScope.Begin();
        try
        {
            var isMore = await passAsync();
            if (_failing)
                LogRecovered(logger);
            _failing = false;
            return isMore;
        }
        catch (WarehouseUnavailableException unavailable)
        {
            if (!_failing)
                LogFailing(logger, unavailable.Message);
            _failing = true;
            return false;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Volumes are not kept up to date: {Reason}")]
    private static partial void LogFailing(ILogger logger, string reason);

    [LoggerMessage(LogLevel.Information, "Volumes are up to date again.")]
    private static partial void LogRecovered(ILogger logger);

    [LoggerMessage(LogLevel.Error, "Updating volumes failed.")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}

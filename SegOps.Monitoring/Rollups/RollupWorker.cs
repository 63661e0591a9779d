using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using SegOps.Monitoring.Warehouse;

namespace SegOps.Monitoring.Rollups;

/// <summary>
/// Keeps roll-ups up to date, over and over. Several instances may do the same at the same time: each makes whole rows of what is stored.
/// </summary>
internal sealed partial class RollupWorker : BackgroundService
{
    /// <summary>How long a change is looked for at least: longer than the 60 s after which its quarter is counted for the last time.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(2);

    /// <summary>How long changes are kept.</summary>
    private static readonly TimeSpan Everything = TimeSpan.FromDays(9);

    private readonly QuarterRollups _rollups;
    private readonly TimeSpan _interval;
    private readonly TimeProvider _clock;
    private readonly ILogger<RollupWorker> _logger;
    private readonly Counter<long> _counted;
    private long? _completed;
    private bool _failing;

    public RollupWorker(QuarterRollups rollups, IOptions<RollupOptions> options, TimeProvider clock, IMeterFactory meters, ILogger<RollupWorker> logger)
    {
        (_rollups, _interval, _clock, _logger) = (rollups, options.Value.Interval, clock, logger);
        _counted = meters.Create("SegOps.Monitoring").CreateCounter<long>(
            "segops.rollups.quarters", "{quarter}", "Quarters of an hour of a project that were counted anew.");
    }

    /// <summary>Counts what has changed; does nothing while ClickHouse is away or has no tables yet.</summary>
    internal async Task PassAsync(CancellationToken cancellationToken)
    {
        using var untraced = SuppressInstrumentationScope.Begin();
        try
        {
            var began = _clock.GetTimestamp();
            var quarters = await _rollups.FindChangedAsync(_completed is { } last ? _clock.GetElapsedTime(last) + Overlap : Everything, cancellationToken);
            foreach (var quarter in quarters)
            {
                await _rollups.CountAsync(quarter, cancellationToken);
                _counted.Add(1);
            }
            if (quarters.Count < QuarterRollups.MaxQuarters)
                _completed = began;
            if (_failing)
                LogRecovered();
            _failing = false;
        }
        catch (WarehouseUnavailableException unavailable)
        {
            if (!_failing)
                LogFailing(unavailable.Message);
            _failing = true;
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var began = _clock.GetTimestamp();
            try
            {
                await PassAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // Whatever it is, the next pass finds the same quarters again.
                LogFailed(exception);
            }

            // A large project must not keep ClickHouse from what it is there for: at most a tenth of the time is spent here.
            var rest = 9 * _clock.GetElapsedTime(began);
            await Task.Delay(rest > _interval ? rest : _interval, _clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Volumes are not kept up to date: {Reason}")]
    private partial void LogFailing(string reason);

    [LoggerMessage(LogLevel.Information, "Volumes are kept up to date again.")]
    private partial void LogRecovered();

    [LoggerMessage(LogLevel.Error, "Keeping volumes up to date failed.")]
    private partial void LogFailed(Exception exception);
}

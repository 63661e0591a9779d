using Microsoft.Extensions.Options;
using OpenTelemetry;
using SegOps.Warehouse;

namespace SegOps.Monitoring.Audit;

/// <summary>Advances the watermark continuously, and searches for missing events when it has moved.</summary>
internal sealed partial class EventAuditWorker(
    EventAuditQuery audit, MissingBuckets missing, Watermark watermark, EventAuditAlarm alarm, IOptions<EventAuditOptions> options, TimeProvider clock,
    ILogger<EventAuditWorker> logger) : BackgroundService
{
    private bool _failing;

    /// <summary>Runs one pass. The next pass retries failed steps.</summary>
    internal async Task PassAsync(CancellationToken cancellationToken)
    {
        using var untraced = SuppressInstrumentationScope.Begin();
        try
        {
            var uncounted = await audit.UncountedAsync(EventAuditWindow.End(clock.GetUtcNow()), cancellationToken);
            alarm.Report(uncounted);
            if (watermark.Advance(uncounted.Oldest) is { } until)
                alarm.Report(await missing.CheckAsync(until, cancellationToken));
            alarm.Checked();
            if (_failing)
                LogRecovered(logger);
            _failing = false;
        }
        catch (WarehouseUnavailableException exception)
        {
            if (!_failing)
                LogFailing(logger, exception.Message);
            _failing = true;
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await PassAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // The next pass reads the same minutes again.
                LogFailed(logger, exception);
            }

            await Task.Delay(options.Value.Interval, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The event audit is not up to date: {Reason}")]
    private static partial void LogFailing(ILogger logger, string reason);

    [LoggerMessage(LogLevel.Information, "The event audit is up to date again.")]
    private static partial void LogRecovered(ILogger logger);

    [LoggerMessage(LogLevel.Error, "Updating the event audit failed.")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}

using Microsoft.Extensions.Options;
using OpenTelemetry;
using SegOps.ServiceDefaults.Redis;
using SegOps.Warehouse;

namespace SegOps.Monitoring.Audit;

/// <summary>Copies Ingestion's counts continuously, and searches for missing events once a minute.</summary>
internal sealed partial class EventAuditWorker(
    ReceivedCopy received, EventAuditQuery audit, Watermark watermark, EventAuditAlarm alarm, IOptions<EventAuditOptions> options, TimeProvider clock,
    ILogger<EventAuditWorker> logger) : BackgroundService
{
    private DateTime? _checkedFor;
    private bool _failing;

    /// <summary>Runs one pass. The next pass retries failed steps.</summary>
    internal async Task PassAsync(CancellationToken cancellationToken)
    {
        using var untraced = SuppressInstrumentationScope.Begin();
        try
        {
            // The watermark advances first, so that all counts up to it are copied before the check.
            var current = watermark.Advance();
            await received.PassAsync(cancellationToken);
            await CheckAsync(current, cancellationToken);
            if (_failing)
                LogRecovered(logger);
            _failing = false;
        }
        catch (Exception exception) when (exception is RedisUnavailableException or WarehouseUnavailableException)
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

    /// <summary>Checks all projects when the watermark has advanced, once a minute.</summary>
    private async Task CheckAsync(DateTime? current, CancellationToken cancellationToken)
    {
        if (current is not { } until || until == _checkedFor)
            return;
        alarm.Report(await audit.OfAllAsync(EventAuditWindow.End(clock.GetUtcNow()), until, cancellationToken));
        _checkedFor = until;
    }

    [LoggerMessage(LogLevel.Warning, "The event audit is not up to date: {Reason}")]
    private static partial void LogFailing(ILogger logger, string reason);

    [LoggerMessage(LogLevel.Information, "The event audit is up to date again.")]
    private static partial void LogRecovered(ILogger logger);

    [LoggerMessage(LogLevel.Error, "Updating the event audit failed.")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}

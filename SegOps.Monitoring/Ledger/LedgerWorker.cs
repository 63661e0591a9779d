using Microsoft.Extensions.Options;
using OpenTelemetry;
using SegOps.ServiceDefaults.Redis;
using SegOps.Warehouse;

namespace SegOps.Monitoring.Ledger;

/// <summary>Fetches what was received, over and over, and once a minute looks for what is missing.</summary>
internal sealed partial class LedgerWorker(
    ReceivedCopy received, LedgerQuery ledger, Settlement settlement, LedgerAlarm alarm, IOptions<LedgerOptions> options, TimeProvider clock,
    ILogger<LedgerWorker> logger) : BackgroundService
{
    private DateTime? _checkedFor;
    private bool _failing;

    /// <summary>Copies and looks once; what fails is done by the next pass.</summary>
    internal async Task PassAsync(CancellationToken cancellationToken)
    {
        using var untraced = SuppressInstrumentationScope.Begin();
        try
        {
            await received.PassAsync(cancellationToken);
            await CheckAsync(cancellationToken);
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
                // Whatever it is, the next pass fetches the same minutes again.
                LogFailed(logger, exception);
            }

            await Task.Delay(options.Value.Interval, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>All projects' minutes are looked through whenever another minute is settled, which is once a minute.</summary>
    private async Task CheckAsync(CancellationToken cancellationToken)
    {
        if (settlement.Before() is not { } settled || settled == _checkedFor)
            return;
        alarm.Report(await ledger.OfAllAsync(LedgerWindow.End(clock.GetUtcNow()), settled, cancellationToken));
        _checkedFor = settled;
    }

    [LoggerMessage(LogLevel.Warning, "The ledger is not kept up to date: {Reason}")]
    private static partial void LogFailing(ILogger logger, string reason);

    [LoggerMessage(LogLevel.Information, "The ledger is kept up to date again.")]
    private static partial void LogRecovered(ILogger logger);

    [LoggerMessage(LogLevel.Error, "Keeping the ledger up to date failed.")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}

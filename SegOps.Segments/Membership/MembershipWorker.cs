using OpenTelemetry;
using SegOps.ServiceDefaults.Redis;
using SegOps.Warehouse;

namespace SegOps.Segments.Membership;

/// <summary>Keeps members up to date. One instance leads, the others wait for its lease.</summary>
internal sealed partial class MembershipWorker(MembershipParts parts, ILogger<MembershipWorker> logger) : BackgroundService
{
    private readonly TimeProvider _clock = parts.Clock;
    private readonly SemaphoreSlim _alone = new(1);
    private MembershipRounds? _rounds;
    private bool _failing;

    /// <summary>Whether this instance leads, and nothing waits.</summary>
    internal bool IsIdle => _rounds is { IsIdle: true };

    /// <summary>Why the last round failed; null if it did not.</summary>
    internal Exception? Failure { get; private set; }

    /// <summary>Runs one round if this instance leads.</summary>
    /// <returns>Whether more users wait.</returns>
    internal async Task<bool> RoundAsync(CancellationToken cancellationToken)
    {
        using var untraced = SuppressInstrumentationScope.Begin();
        await _alone.WaitAsync(cancellationToken);
        try
        {
            if (!await parts.Leader.HoldAsync())
            {
                Follow();
                return false;
            }
            _rounds ??= await MembershipRounds.StartAsync(parts, cancellationToken);
            var isMore = await _rounds.RoundAsync(cancellationToken);
            if (_failing)
                LogRecovered(logger);
            (_failing, Failure) = (false, null);
            return isMore;
        }
        catch (Exception exception)
        {
            // What was decided must be completed before anything else, and changes must be read again.
            _rounds?.Dispose();
            (_rounds, Failure) = (null, exception);
            if (exception is not (WarehouseUnavailableException or RedisUnavailableException or LeaseLostException))
                throw;
            if (!_failing)
                LogFailing(logger, exception.Message);
            _failing = true;
            return false;
        }
        finally
        {
            _alone.Release();
        }
    }

    /// <summary>Compares all segments with their members, as every night. Later rounds do it.</summary>
    internal async Task CompareAllAsync(CancellationToken cancellationToken)
    {
        await _alone.WaitAsync(cancellationToken);
        _rounds?.CompareAll();
        _alone.Release();
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        Follow();
        await parts.Leader.ReleaseAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _rounds?.Dispose();
        _alone.Dispose();
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(ExtendAsync(stoppingToken), RepeatAsync(stoppingToken));

    /// <summary>A round can take longer than the lease lasts.</summary>
    private async Task ExtendAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            await Task.Delay(parts.Options.Lease / 3, _clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                if (_rounds is not null && !stopping.IsCancellationRequested)
                    await parts.Leader.HoldAsync();
            }
            catch (RedisUnavailableException)
            {
                // The lease expires, and the pass that runs is not decided.
            }
        }
    }

    private async Task RepeatAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            var isMore = false;
            try
            {
                isMore = await RoundAsync(stopping);
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                LogFailed(logger, exception);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            if (isMore)
                continue;
            using var waiting = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            await Task.WhenAny(Task.Delay(parts.Options.Interval, _clock, waiting.Token), _rounds?.Completion ?? Task.Delay(Timeout.Infinite, waiting.Token));
            await waiting.CancelAsync();
        }
    }

    private void Follow()
    {
        _rounds?.Dispose();
        _rounds = null;
        parts.Telemetry.Follows();
    }

    [LoggerMessage(LogLevel.Warning, "Segments are not kept up to date: {Reason}")]
    private static partial void LogFailing(ILogger logger, string reason);

    [LoggerMessage(LogLevel.Information, "Segments are kept up to date again.")]
    private static partial void LogRecovered(ILogger logger);

    [LoggerMessage(LogLevel.Error, "A pass over segments failed.")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}

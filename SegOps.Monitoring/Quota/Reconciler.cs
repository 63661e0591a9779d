using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using SegOps.Contracts;
using SegOps.Monitoring.Pipeline;
using SegOps.ServiceDefaults.Redis;
using SegOps.Warehouse;

namespace SegOps.Monitoring.Quota;

/// <summary>
/// Corrects Redis's monthly figures by the accounts. It compares each figure one interval after it was read, when its events are
/// counted. docs/decisions/0009-monthly-quota.md describes its limits.
/// </summary>
internal sealed partial class Reconciler : BackgroundService
{
    /// <summary>Maximum difference between the clocks of our machines.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(1);

    /// <summary>Maximum time from stamping events, when the headers have arrived, to reserving them, when the body is read.</summary>
    private static readonly TimeSpan Reading = TimeSpan.FromMinutes(2);

    private readonly MonthlyFigures _figures;
    private readonly StoredEvents _stored;
    private readonly PipelineMonitor _pipeline;
    private readonly RedisLease _lease;
    private readonly TimeSpan _interval;
    private readonly TimeProvider _clock;
    private readonly ILogger<Reconciler> _logger;
    private readonly Counter<long> _corrected;

    private DateTimeOffset? _watchedUntil;
    private Snapshot? _snapshot;

    public Reconciler(
        MonthlyFigures figures, StoredEvents stored, PipelineMonitor pipeline, RedisConnection redis, IOptions<QuotaOptions> options,
        TimeProvider clock, IMeterFactory meters, ILogger<Reconciler> logger)
    {
        (_figures, _stored, _pipeline, _clock, _logger) = (figures, stored, pipeline, clock, logger);
        _interval = options.Value.ReconcileInterval;

        // Two passes can fail before another instance takes over, which then waits for one interval.
        _lease = new(redis, RedisKeys.Reconciler, 3 * _interval);
        _corrected = meters.Create("SegOps.Monitoring").CreateCounter<long>(
            "segops.quota.corrected_events", "{event}", "Live events by which monthly figures were corrected, by direction.");
    }

    /// <summary>Compares the snapshot if it is old enough, and takes the next one. Does nothing while another instance holds the lease.</summary>
    internal async Task PassAsync(CancellationToken cancellationToken)
    {
        using var untraced = SuppressInstrumentationScope.Begin();
        try
        {
            var now = _clock.GetUtcNow();
            if (!await _lease.HoldAsync())
                Reset();
            else if (_snapshot is null || now - _snapshot.Ended >= _interval)
                await ReconcileAsync(now, cancellationToken);
        }
        catch (Exception exception) when (exception is RedisUnavailableException or WarehouseUnavailableException)
        {
            LogGaveUp(exception.Message);
        }
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await _lease.ReleaseAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await Task.Delay(_interval, _clock, stoppingToken);
            try
            {
                await PassAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // The rest of Monitoring must continue.
                LogFailed(exception);
            }
        }
    }

    private async Task ReconcileAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        // Later calls that fail may have taken effect, so the snapshot is used only once.
        var snapshot = Interlocked.Exchange(ref _snapshot, null);
        var months = Month.ToReconcile(now);
        var (earlier, later) = snapshot is null ? (now, now) : (snapshot.Began - Skew - Reading, snapshot.Ended + Skew);
        var stored = await _stored.CountAsync(months, earlier, later, (_watchedUntil ?? now) - Skew, _interval / 2, cancellationToken);
        _watchedUntil = now;
        if (snapshot is not null)
        {
            var isDrained = !stored.HasLate && stored.AreComplete && _pipeline.OkSince(snapshot.Began);
            foreach (var figure in snapshot.Figures.Where(figure => months.Contains(figure.Month)))
            {
                if (!await CompareAsync(figure, stored.Events.GetValueOrDefault((figure.Project, figure.Month)), isDrained))
                    return;
            }
        }

        _snapshot = await _figures.ReadAsync(months, stored);
    }

    /// <returns>Whether this instance still holds the lease.</returns>
    private async Task<bool> CompareAsync(Figure figure, ProjectEvents? stored, bool isDrained)
    {
        var (surely, atMost) = (stored?.Earlier ?? 0, stored?.Later ?? 0);
        if (surely <= figure.Used && (atMost >= figure.Used || !isDrained))
            return true;
        if (!await _lease.HoldAsync())
        {
            Reset();
            return false;
        }

        if (surely > figure.Used)
            await CorrectAsync(figure, surely, "raised");
        else
            await CorrectAsync(figure, atMost, "lowered");
        return true;
    }

    private async Task CorrectAsync(Figure figure, long stored, string direction)
    {
        var events = stored - figure.Used;
        await _figures.CorrectAsync(figure, events);
        _corrected.Add(Math.Abs(events), new KeyValuePair<string, object?>("direction", direction));
        LogCorrected(figure.Month.Name, figure.Project, events, figure.Used, stored);
    }

    private void Reset() => (_snapshot, _watchedUntil) = (null, null);

    [LoggerMessage(LogLevel.Information, "Corrected {Month} of project {Project} by {Events} events: {Counted} were counted, {Stored} stored.")]
    private partial void LogCorrected(string month, string project, long events, long counted, long stored);

    [LoggerMessage(LogLevel.Warning, "The monthly figures were not corrected: {Reason}")]
    private partial void LogGaveUp(string reason);

    [LoggerMessage(LogLevel.Error, "Correcting the monthly figures failed.")]
    private partial void LogFailed(Exception exception);
}

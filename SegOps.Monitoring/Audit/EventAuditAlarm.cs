using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using SegOps.ServiceDefaults.Health;

namespace SegOps.Monitoring.Audit;

/// <summary>
/// Reports the missing events of all projects: as degraded health, as a gauge and in the log.
/// </summary>
internal sealed partial class EventAuditAlarm : IHealthCheck
{
    /// <summary>Name of the check in the health answer.</summary>
    internal const string Name = "ledger";

    private readonly TimeProvider _clock;
    private readonly ILogger<EventAuditAlarm> _logger;
    private volatile Found _found;

    public EventAuditAlarm(TimeProvider clock, IMeterFactory meters, ILogger<EventAuditAlarm> logger)
    {
        (_clock, _logger) = (clock, logger);
        _found = new(new(0, 0, null), clock.GetUtcNow());
        meters.Create("SegOps.Monitoring").CreateObservableGauge(
            "segops.ledger.missing", () => _found.Missing.Events, "{event}", "Accepted events of the last 24 hours that are missing.");
    }

    /// <summary>Records the result of an audit. It is logged only if it has changed.</summary>
    internal void Report(MissingEvents missing)
    {
        var before = _found;
        if (missing.Events == before.Missing.Events && missing.First == before.Missing.First)
            return;
        _found = new(missing, missing.Events > 0 == before.Missing.Events > 0 ? before.Since : _clock.GetUtcNow());
        if (missing.First is { } first)
            LogMissing(missing.Events, missing.Projects, first);
        else
            LogBalanced();
    }

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var (missing, since) = _found;
        var data = new Dictionary<string, object> { [HealthData.State] = missing.First is null ? "balanced" : "missing", [HealthData.Since] = since };
        return Task.FromResult(missing.First is { } first
            ? HealthCheckResult.Degraded(
                string.Create(CultureInfo.InvariantCulture, $"{missing.Events} accepted events of {missing.Projects} projects are missing. The first was received at {first:yyyy-MM-dd HH:mm} UTC."),
                data: data)
            : HealthCheckResult.Healthy(data: data));
    }

    private sealed record Found(MissingEvents Missing, DateTimeOffset Since);

    [LoggerMessage(LogLevel.Warning, "{Events} accepted events of {Projects} projects are missing. The first was received at {First:u}.")]
    private partial void LogMissing(long events, long projects, DateTime first);

    [LoggerMessage(LogLevel.Information, "All received events are accounted for again.")]
    private partial void LogBalanced();
}

using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using SegOps.ServiceDefaults.Health;

namespace SegOps.Monitoring.Audit;

/// <summary>
/// Reports the missing events of all projects: as degraded health, as a gauge and in the log. It also reports minutes of which it cannot tell.
/// </summary>
internal sealed partial class EventAuditAlarm : IHealthCheck
{
    /// <summary>Name of the check in the health answer.</summary>
    internal const string Name = "ledger";

    private readonly TimeProvider _clock;
    private readonly TimeSpan _allowedLateness;
    private readonly ILogger<EventAuditAlarm> _logger;
    private volatile Found _found;
    private volatile Blind? _blind;
    private long _checkedTicks;

    public EventAuditAlarm(TimeProvider clock, IOptions<EventAuditOptions> options, IMeterFactory meters, ILogger<EventAuditAlarm> logger)
    {
        (_clock, _allowedLateness, _logger) = (clock, options.Value.Patience, logger);
        var now = clock.GetUtcNow();
        _checkedTicks = now.UtcTicks;
        _found = new(new(0, 0, null), now);
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

    /// <summary>Records what is not counted. What has waited for less than twice the allowed lateness is not worth a report.</summary>
    internal void Report(Uncounted uncounted)
    {
        var reason = uncounted switch
        {
            { Held: { } held, Holder: var holder } when string.IsNullOrWhiteSpace(holder) => Text($"What was received at {held:yyyy-MM-dd HH:mm:ss} UTC cannot be counted."),
            { Held: { } held, Holder: var holder } => Text($"What was received of {holder} at {held:yyyy-MM-dd HH:mm:ss} UTC cannot be counted."),
            { Oldest: { } oldest } when oldest < _clock.GetUtcNow().UtcDateTime - (2 * _allowedLateness) =>
                Text($"What was received from {oldest:yyyy-MM-dd HH:mm:ss} UTC on is not counted yet."),
            _ => null,
        };
        _blind = reason is null ? null : new(reason, _blind?.Since ?? _clock.GetUtcNow());
    }

    /// <summary>Records that an audit has succeeded.</summary>
    internal void Checked() => Interlocked.Exchange(ref _checkedTicks, _clock.GetUtcNow().UtcTicks);

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var (missing, since) = _found;
        var checkedAt = new DateTimeOffset(Interlocked.Read(ref _checkedTicks), TimeSpan.Zero);
        if (missing.First is { } first)
            return Degraded("missing", since, Text($"{missing.Events} accepted events of {missing.Projects} projects are missing. The first was received at {first:yyyy-MM-dd HH:mm} UTC."));
        if (_blind is { } blind)
            return Degraded("uncounted", blind.Since, $"{blind.Reason} Whether events are missing there is not known.");
        if (_clock.GetUtcNow() - checkedAt > 2 * _allowedLateness)
            return Degraded("unknown", checkedAt, "The audit does not get an answer from the warehouse. Whether events are missing is not known.");
        return Task.FromResult(HealthCheckResult.Healthy(data: Data("balanced", since)));
    }

    private static Task<HealthCheckResult> Degraded(string state, DateTimeOffset since, string reason) =>
        Task.FromResult(HealthCheckResult.Degraded(reason, data: Data(state, since)));

    private static Dictionary<string, object> Data(string state, DateTimeOffset since) => new() { [HealthData.State] = state, [HealthData.Since] = since };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed record Found(MissingEvents Missing, DateTimeOffset Since);

    private sealed record Blind(string Reason, DateTimeOffset Since);

    [LoggerMessage(LogLevel.Warning, "{Events} accepted events of {Projects} projects are missing. The first was received at {First:u}.")]
    private partial void LogMissing(long events, long projects, DateTime first);

    [LoggerMessage(LogLevel.Information, "All received events are accounted for again.")]
    private partial void LogBalanced();
}

using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using SegOps.ServiceDefaults.Health;

namespace SegOps.Segments.Membership;

/// <summary>The state of the passes: as metrics, and as health of the instance that leads. Other instances are healthy.</summary>
internal sealed class MembershipTelemetry : IHealthCheck
{
    /// <summary>Name of the check in the health answer.</summary>
    internal const string Name = "membership";

    /// <summary>The meter.</summary>
    internal const string Meter = "SegOps.Segments";

    private static readonly TimeSpan MaxLag = TimeSpan.FromSeconds(30);

    private readonly TimeProvider _clock;
    private readonly Counter<long> _passes;
    private readonly Counter<long> _users;
    private readonly Counter<long> _flips;
    private readonly Counter<long> _drift;
    private readonly Counter<long> _failures;
    private volatile Leading? _leading;

    public MembershipTelemetry(TimeProvider clock, IMeterFactory meters)
    {
        _clock = clock;
        var meter = meters.Create(Meter);
        meter.CreateObservableGauge("segops.segments.lag", Lag, "s", "Age of the oldest change that is not in the members yet.");
        meter.CreateObservableGauge("segops.segments.failing", Failing, "{segment}", "Segments that could not be computed.");
        _passes = meter.CreateCounter<long>("segops.segments.passes", "{pass}", "Passes over changed users, and computations of whole segments.");
        _users = meter.CreateCounter<long>("segops.segments.users", "{user}", "Users whom passes evaluated.");
        _flips = meter.CreateCounter<long>("segops.segments.flips", "{change}", "Users who entered or left a segment.");
        _drift = meter.CreateCounter<long>("segops.segments.drift", "{change}", "Differences that the nightly comparison found and repaired.");
        _failures = meter.CreateCounter<long>("segops.segments.failures", "{failure}", "Segments that a pass or a computation could not evaluate, by reason.");
    }

    /// <summary>Records what a pass did.</summary>
    internal void Passed(PassOutcome outcome)
    {
        _passes.Add(1);
        _users.Add(outcome.Users);
        _flips.Add(outcome.Flips);
    }

    /// <summary>Records drift.</summary>
    internal void Drifted(long flips) => _drift.Add(flips);

    /// <summary>Records a failure.</summary>
    internal void Failed(string reason) => _failures.Add(1, new KeyValuePair<string, object?>("reason", reason));

    /// <summary>Records how far this instance has come.</summary>
    internal void Leads(DateTimeOffset completeUntil, long drift, int failing) => _leading = new(completeUntil, drift, failing);

    /// <summary>This instance does not lead.</summary>
    internal void Follows() => _leading = null;

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(_leading switch
    {
        null => HealthCheckResult.Healthy(data: Data("follows")),
        var leading when _clock.GetUtcNow() - leading.CompleteUntil is var lag && lag > MaxLag => HealthCheckResult.Degraded(
            string.Create(CultureInfo.InvariantCulture, $"Segments are {lag.TotalSeconds:F0} s behind."), data: Data("behind")),
        { Drift: > 0 } leading => HealthCheckResult.Degraded(
            string.Create(CultureInfo.InvariantCulture, $"The comparison of all segments found {leading.Drift} differences, and repaired them."), data: Data("drift")),
        { Failing: > 0 } leading => HealthCheckResult.Degraded(
            string.Create(CultureInfo.InvariantCulture, $"{leading.Failing} segments cannot be computed."), data: Data("failing")),
        _ => HealthCheckResult.Healthy(data: Data("leads")),
    });

    private static Dictionary<string, object> Data(string state) => new() { [HealthData.State] = state };

    private IEnumerable<Measurement<double>> Lag() =>
        _leading is { } leading ? [new(Math.Max(0, (_clock.GetUtcNow() - leading.CompleteUntil).TotalSeconds))] : [];

    private IEnumerable<Measurement<int>> Failing() => _leading is { } leading ? [new(leading.Failing)] : [];

    private sealed record Leading(DateTimeOffset CompleteUntil, long Drift, int Failing);
}

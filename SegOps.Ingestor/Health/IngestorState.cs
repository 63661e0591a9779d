using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using SegOps.Ingestor.Streaming;
using SegOps.ServiceDefaults.Health;

namespace SegOps.Ingestor.Health;

/// <summary>Phases of the worker.</summary>
internal enum IngestorPhase
{
    /// <summary>Waiting for ClickHouse, or migrating its schema.</summary>
    Starting,

    /// <summary>Receiving and storing messages.</summary>
    Running,

    /// <summary>Shut down.</summary>
    Stopped,

    /// <summary>Failed. A restart is required.</summary>
    Faulted,
}

/// <summary>A snapshot of the worker's state.</summary>
/// <param name="Phase">The worker's phase.</param>
/// <param name="Reason">The reason for which it does not store messages; null if it does.</param>
/// <param name="Since">The time at which the state began.</param>
internal sealed record IngestorStatus(IngestorPhase Phase, string? Reason, DateTimeOffset Since);

/// <summary>The worker's state, which the worker reports.</summary>
internal sealed class IngestorState(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, IngestorStatus> _retrying = [];
    private IngestorStatus _status = new(IngestorPhase.Starting, "Starting.", time.GetUtcNow());

    /// <summary>The current state. While inserts are retried, it is the retry that began first.</summary>
    public IngestorStatus Current
    {
        get
        {
            lock (_gate)
                return _status.Phase == IngestorPhase.Running && _retrying.Count > 0 ? _retrying.Values.MinBy(retry => retry.Since)! : _status;
        }
    }

    /// <summary>Reports that the worker is not ready yet.</summary>
    public void Waiting(string reason) => Set(IngestorPhase.Starting, reason);

    /// <summary>Reports that the schema is up to date and messages are received.</summary>
    public void Running() => Set(IngestorPhase.Running, reason: null);

    /// <summary>Shut down.</summary>
    public void Stopped() => Set(IngestorPhase.Stopped, "The worker has stopped.");

    /// <summary>Reports a failure of the worker.</summary>
    public void Faulted(string reason) => Set(IngestorPhase.Faulted, reason);

    /// <summary>Reports that inserts into <paramref name="table"/> are retried. The time of the first failure is kept.</summary>
    public void Retrying(string table, string reason)
    {
        lock (_gate)
        {
            var since = _retrying.TryGetValue(table, out var known) ? known.Since : time.GetUtcNow();
            _retrying[table] = new IngestorStatus(IngestorPhase.Running, $"Inserts into {table} are being retried: {reason}.", since);
        }
    }

    /// <summary>Reports a successful insert into <paramref name="table"/>.</summary>
    public void Recovered(string table)
    {
        lock (_gate)
            _retrying.Remove(table);
    }

    private void Set(IngestorPhase phase, string? reason)
    {
        lock (_gate)
        {
            var since = _status.Phase == phase ? _status.Since : time.GetUtcNow();
            _status = new IngestorStatus(phase, reason, since);
        }
    }
}

/// <summary>Healthy while messages are stored, degraded while they are held, unhealthy while none are received. Always reports the backlog.</summary>
internal sealed class IngestorHealthCheck(IngestorState state, HeldBatches held, IOptions<IngestorOptions> options) : IHealthCheck
{
    /// <summary>Name of the check in the health answer.</summary>
    public const string Name = "ingestor";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var status = state.Current;
        var data = new Dictionary<string, object>
        {
            [HealthData.Since] = status.Since,
            [HealthData.Backlog] = new Backlog(held.Events, Math.Round(held.OldestAge.TotalSeconds, 1)),
        };
        return Task.FromResult(status switch
        {
            { Phase: IngestorPhase.Running, Reason: null } when held.OldestLateAge is var late && late > options.Value.MaxLateAge =>
                HealthCheckResult.Degraded(string.Create(CultureInfo.InvariantCulture, $"Late events wait: the oldest was received {late.TotalSeconds:0} s ago."), data: data),
            { Phase: IngestorPhase.Running, Reason: null } => HealthCheckResult.Healthy(data: data),
            { Phase: IngestorPhase.Running } => HealthCheckResult.Degraded(status.Reason, data: data),
            _ => HealthCheckResult.Unhealthy(status.Reason, data: data),
        });
    }
}

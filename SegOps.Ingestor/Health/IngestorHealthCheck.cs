using Microsoft.Extensions.Diagnostics.HealthChecks;
using SegOps.Ingestor.Streaming;
using SegOps.ServiceDefaults.Health;

namespace SegOps.Ingestor.Health;

/// <summary>Healthy while messages are stored, degraded while they are held, unhealthy when none are taken; with what is held in any case.</summary>
internal sealed class IngestorHealthCheck(IngestorState state, HeldBatches held) : IHealthCheck
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
            { Phase: IngestorPhase.Running, Reason: null } => HealthCheckResult.Healthy(data: data),
            { Phase: IngestorPhase.Running } => HealthCheckResult.Degraded(status.Reason, data: data),
            _ => HealthCheckResult.Unhealthy(status.Reason, data: data),
        });
    }
}

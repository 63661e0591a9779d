using Microsoft.Extensions.Diagnostics.HealthChecks;
using SegOps.ServiceDefaults.Health;

namespace SegOps.Ingestor.Health;

/// <summary>Healthy while messages are stored, degraded while they are held, unhealthy when none are taken.</summary>
internal sealed class IngestorHealthCheck(IngestorState state) : IHealthCheck
{
    /// <summary>Name of the check in the health answer.</summary>
    public const string Name = "ingestor";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var status = state.Current;
        var since = new Dictionary<string, object> { [HealthData.Since] = status.Since };
        return Task.FromResult(status switch
        {
            { Phase: IngestorPhase.Running, Reason: null } => HealthCheckResult.Healthy(),
            { Phase: IngestorPhase.Running } => HealthCheckResult.Degraded(status.Reason, data: since),
            _ => HealthCheckResult.Unhealthy(status.Reason, data: since),
        });
    }
}

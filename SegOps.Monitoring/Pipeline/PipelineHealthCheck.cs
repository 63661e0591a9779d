using Microsoft.Extensions.Diagnostics.HealthChecks;
using SegOps.ServiceDefaults.Health;

namespace SegOps.Monitoring.Pipeline;

/// <summary>
/// One stage in Monitoring's own <c>/health</c>, as the API tells it. A stage that is down is what Monitoring is there to tell, so that it
/// must not be taken out of service for it: that is degraded, and the member <c>state</c> says down.
/// </summary>
internal sealed class PipelineHealthCheck(PipelineMonitor pipeline, string stage) : IHealthCheck
{
    internal static IEnumerable<HealthCheckRegistration> All => new[] { StageProbes.EventStream, StageProbes.IngestorWorker, StageProbes.AnalyticsWarehouse }
        .Select(stage => new HealthCheckRegistration(
            stage, provider => new PipelineHealthCheck(provider.GetRequiredService<PipelineMonitor>(), stage), failureStatus: null, tags: null));

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var health = pipeline.Current.Stages.Single(each => each.Stage == stage);
        var data = new Dictionary<string, object> { [HealthData.State] = NameOf(health.State), [HealthData.Since] = health.Since };
        if (health.Backlog is { } backlog)
            data[HealthData.Backlog] = backlog;
        var status = health.State == StageState.Ok ? HealthStatus.Healthy : HealthStatus.Degraded;
        return Task.FromResult(new HealthCheckResult(status, health.Reason, data: data));
    }

    private static string NameOf(StageState state) => state switch
    {
        StageState.Ok => "ok",
        StageState.Degraded => "degraded",
        _ => "down",
    };
}

using Microsoft.Extensions.Diagnostics.HealthChecks;
using SegOps.Monitoring.Http;
using SegOps.Monitoring.Warehouse;
using SegOps.PubSub;
using SegOps.ServiceDefaults.Configuration;

namespace SegOps.Monitoring.Pipeline;

/// <summary>Health of the pipeline.</summary>
internal static class PipelineExtensions
{
    /// <summary>Adds the checks of all stages and Monitoring's own health check <c>pipeline</c>.</summary>
    internal static WebApplicationBuilder AddPipelineHealth(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        builder.AddPubSub();
        services.AddValidatedOptions<PipelineOptions>(PipelineOptions.Section);

#pragma warning disable EXTEXP0001 // Only its name is experimental. A probe must tell what is, not try until it likes the answer.
        services.AddHttpClient(StageProbes.Ingestor, client => client.BaseAddress = new Uri("http://" + StageProbes.Ingestor)).RemoveAllResilienceHandlers();
#pragma warning restore EXTEXP0001

        services.AddSingleton(provider => StageProbes.ForEventStream(provider.GetRequiredService<EventStreamProbe>()));
        services.AddSingleton(provider => StageProbes.ForIngestor(provider.GetRequiredService<IHttpClientFactory>()));
        services.AddSingleton(provider => StageProbes.ForWarehouse(provider.GetRequiredService<WarehouseReader>()));
        services.AddSingleton<PipelineMonitor>();
        services.AddHostedService(provider => provider.GetRequiredService<PipelineMonitor>());

        // A stage that is down is what Monitoring is there to tell, so that it must not be taken out of service for it.
        services.AddHealthChecks().AddCheck<PipelineHealthCheck>("pipeline");
        services.PostConfigure<HealthCheckServiceOptions>(options =>
        {
            foreach (var ofPubSub in options.Registrations.Where(check => check.Name == PubSubExtensions.HealthCheck).ToList())
                options.Registrations.Remove(ofPubSub);
        });
        return builder;
    }

    /// <summary><c>GET /api/monitoring/health</c>: always 200, with the truth in the body.</summary>
    internal static void MapPipelineHealth(this RouteGroupBuilder api) =>
        api.MapGet("/health", (PipelineMonitor pipeline) => Results.Json(pipeline.Current, MonitoringJson.Default.PipelineAnswer));

    private sealed class PipelineHealthCheck(PipelineMonitor pipeline) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            var ill = pipeline.Current.Stages.Where(stage => stage.State != StageState.Ok).Select(stage => $"{stage.Stage}: {stage.Reason}").ToList();
            return Task.FromResult(ill.Count == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded(string.Join(' ', ill)));
        }
    }
}

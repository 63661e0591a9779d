using Microsoft.Extensions.Diagnostics.HealthChecks;
using SegOps.Monitoring.Freshness;
using SegOps.Monitoring.Http;
using SegOps.PubSub;
using SegOps.ServiceDefaults.Configuration;
using SegOps.ServiceDefaults.Health;
using SegOps.Warehouse;

namespace SegOps.Monitoring.Pipeline;

/// <summary>Health of the pipeline.</summary>
internal static class PipelineExtensions
{
    /// <summary>For who asks by status alone, such as the Aspire dashboard: not for customers, and not whether Monitoring itself is ready.</summary>
    private const string ProbePath = HealthEndpoints.ReadinessPath + "/pipeline";

    /// <summary>Adds the checks of all stages, and each of them to Monitoring's own health.</summary>
    internal static WebApplicationBuilder AddPipelineHealth(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        builder.AddPubSub();
        services.AddValidatedOptions<PipelineOptions>(PipelineOptions.Section);

#pragma warning disable EXTEXP0001 // Only its name is experimental. A probe must tell what is, not try until it likes the answer.
        services.AddHttpClient(StageProbes.Ingestor, client => client.BaseAddress = new Uri("http://" + StageProbes.Ingestor)).RemoveAllResilienceHandlers();
#pragma warning restore EXTEXP0001

        services.AddSingleton(provider => StageProbes.ForEventStream(provider.GetRequiredService<EventStreamProbe>(), provider.GetRequiredService<Canaries>()));
        services.AddSingleton(provider => StageProbes.ForIngestor(provider.GetRequiredService<IHttpClientFactory>()));
        services.AddSingleton(provider => StageProbes.ForWarehouse(provider.GetRequiredService<WarehouseReader>()));
        services.AddSingleton<PipelineMonitor>();
        services.AddHostedService(provider => provider.GetRequiredService<PipelineMonitor>());

        // Pub/Sub's own check would ask once more what the monitor asks anyway, and take Monitoring out of service.
        services.PostConfigure<HealthCheckServiceOptions>(options =>
        {
            foreach (var ofPubSub in options.Registrations.Where(check => check.Name == PubSubExtensions.HealthCheck).ToList())
                options.Registrations.Remove(ofPubSub);
            foreach (var ofStage in PipelineHealthCheck.All)
                options.Registrations.Add(ofStage);
        });
        return builder;
    }

    /// <summary><c>GET /api/monitoring/health</c>: always 200, with the truth in the body.</summary>
    internal static void MapPipelineHealth(this RouteGroupBuilder api) =>
        api.MapGet("/health", (PipelineMonitor pipeline) => Results.Json(pipeline.Current, MonitoringJson.Default.PipelineAnswer));

    /// <summary><c>GET /health/pipeline</c>, not through the gateway: the same, with 503 while a stage is down.</summary>
    internal static void MapPipelineProbe(this WebApplication app) => app.MapGet(ProbePath, (PipelineMonitor pipeline) =>
    {
        var current = pipeline.Current;
        return Results.Json(
            current, MonitoringJson.Default.PipelineAnswer, statusCode: current.Status == StageState.Down ? StatusCodes.Status503ServiceUnavailable : null);
    });
}

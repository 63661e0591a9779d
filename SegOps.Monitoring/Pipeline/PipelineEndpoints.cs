using Microsoft.Extensions.Diagnostics.HealthChecks;
using SegOps.Monitoring.Freshness;
using SegOps.PubSub;
using SegOps.PubSub.Topology;
using SegOps.ServiceDefaults.Configuration;
using SegOps.ServiceDefaults.Health;
using SegOps.Warehouse;

namespace SegOps.Monitoring.Pipeline;

/// <summary>Health of the pipeline.</summary>
internal static class PipelineEndpoints
{
    /// <summary>For tools that only read the status code, such as the Aspire dashboard. It is not public, and not Monitoring's readiness.</summary>
    private const string ProbePath = HealthEndpoints.ReadinessPath + "/pipeline";

    /// <summary>Adds the checks of all stages, also to Monitoring's own health.</summary>
    internal static WebApplicationBuilder AddPipelineHealth(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        builder.AddPubSub();
        services.AddValidatedOptions<PipelineOptions>(PipelineOptions.Section);

        services.AddSingleton(provider => StageProbes.ForEventStream(provider.GetRequiredService<EventStreamProbe>(), provider.GetRequiredService<Canaries>()));
        services.AddSingleton(provider => StageProbes.ForIngestors(InstancesOf(StageProbes.Ingestor, provider)));
        services.AddSingleton(provider => StageProbes.ForWarehouse(provider.GetRequiredService<WarehouseReader>()));

        // Only a gateway whose Server:ProbePort is known answers its health.
        if (builder.Configuration.GetSection($"services:{StageProbes.Gateway}").Exists())
            services.AddSingleton(provider => StageProbes.ForService(StageProbes.Gateway, InstancesOf(StageProbes.Gateway, provider)));
        services.AddSingleton(provider => StageProbes.ForService(StageProbes.Ingestion, InstancesOf(StageProbes.Ingestion, provider)));
        if (builder.Configuration.GetSection($"services:{StageProbes.Segments}").Exists())
            services.AddSingleton(provider => StageProbes.ForService(StageProbes.Segments, InstancesOf(StageProbes.Segments, provider)));
        services.AddSingleton<PipelineMonitor>();
        services.AddHostedService(provider => provider.GetRequiredService<PipelineMonitor>());

        // Pub/Sub's own check would repeat the monitor's check, and make Monitoring unhealthy.
        services.AddOptions<HealthCheckServiceOptions>().PostConfigure<IEnumerable<StageProbe>>((options, probes) =>
        {
            foreach (var ofPubSub in options.Registrations.Where(check => check.Name == PubSubExtensions.HealthCheck).ToList())
                options.Registrations.Remove(ofPubSub);
            foreach (var probe in probes)
                options.Registrations.Add(PipelineHealthCheck.For(probe.Stage));
        });
        return builder;
    }

    private static ServiceInstances InstancesOf(string service, IServiceProvider provider) => ActivatorUtilities.CreateInstance<ServiceInstances>(provider, service);

    /// <summary><c>GET /api/monitoring/health</c>: always 200, with the state in the body.</summary>
    internal static void MapPipelineHealth(this RouteGroupBuilder api) =>
        api.MapGet("/health", (PipelineMonitor pipeline) => Results.Json(pipeline.Current));

    /// <summary><c>GET /health/pipeline</c>, internal: the same, with 503 while a stage is down.</summary>
    internal static void MapPipelineProbe(this WebApplication app) => app.MapGet(ProbePath, (PipelineMonitor pipeline) =>
    {
        var current = pipeline.Current;
        return Results.Json(
            current, statusCode: current.Status == StageState.Down ? StatusCodes.Status503ServiceUnavailable : null);
    });
}

/// <summary>
/// A stage, or a service before the stages, in Monitoring's own <c>/health</c>. A stage that is down makes Monitoring degraded, not unhealthy, because it must stay in
/// service to report it. The member <c>state</c> is down.
/// </summary>
internal sealed class PipelineHealthCheck(PipelineMonitor pipeline, string stage) : IHealthCheck
{
    internal static HealthCheckRegistration For(string stage) => new(
        stage, provider => new PipelineHealthCheck(provider.GetRequiredService<PipelineMonitor>(), stage), failureStatus: null, tags: null);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var health = pipeline.Of(stage);
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

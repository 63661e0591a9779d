using SegOps.Monitoring.Http;
using SegOps.ServiceDefaults.Configuration;

namespace SegOps.Monitoring.Freshness;

/// <summary>How soon events can be queried, measured all the time.</summary>
internal static class FreshnessExtensions
{
    /// <summary>Adds what sends canaries and looks for them.</summary>
    internal static WebApplicationBuilder AddFreshness(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddValidatedOptions<CanaryOptions>(CanaryOptions.Section);

#pragma warning disable EXTEXP0001 // Only its name is experimental. A second attempt would be measured as one.
        services.AddHttpClient(CanarySender.Ingestion, client => client.BaseAddress = new Uri("http://" + CanarySender.Ingestion)).RemoveAllResilienceHandlers();
#pragma warning restore EXTEXP0001

        services.AddSingleton<Canaries>();
        services.AddHostedService<CanarySender>();
        services.AddHostedService<CanaryWatcher>();
        return builder;
    }

    /// <summary><c>GET /api/monitoring/freshness</c></summary>
    internal static void MapFreshness(this RouteGroupBuilder api) =>
        api.MapGet("/freshness", (Canaries canaries) => Results.Json(canaries.Current, MonitoringJson.Default.FreshnessAnswer));
}

using Microsoft.AspNetCore.Server.Kestrel.Core;
using SegOps.Contracts;
using SegOps.Ingestion.Audit;
using SegOps.Ingestion.Bodies;
using SegOps.Ingestion.Publishing;
using SegOps.Ingestion.Quota;
using SegOps.Ingestion.Telemetry;
using SegOps.Ingestion.Track;
using SegOps.InternalApi;
using SegOps.ServiceDefaults;
using SegOps.ServiceDefaults.Configuration;

namespace SegOps.Ingestion;

/// <summary>Validates and publishes events. It answers when they are published.</summary>
internal static class Program
{
    internal static Task<int> Main(string[] args) => ServiceHost.RunAsync(() => Build(args));

    /// <summary>Builds the service. Tests change settings and services by <paramref name="configure"/>.</summary>
    internal static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.AddServiceDefaults();
        builder.WebHost.ConfigureKestrel(LimitConnections);
        builder.AddBodies();
        builder.AddPublishing();
        builder.AddQuota();
        builder.AddEventAudit();
        builder.Services.AddSingleton<TrackHandler>();
        builder.Services.AddInternalCalls();
        builder.Services.AddSingleton<IngestionTelemetry>();
        configure?.Invoke(builder);

        var app = builder.Build();
        app.UseServiceDefaults();
        app.UseInternalCallsOnly();
        app.UseRequestDecompression();
        app.MapTrack();
        app.MapDefaultEndpoints();
        return app;
    }

    /// <summary>Sets the server's limits against slow clients, whose requests the gateway forwards as they arrive.</summary>
    private static void LimitConnections(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        // The endpoints enforce their own limits and answer 413. Kestrel's limit would break the connection before the client has read the
        // answer, and it counts the framing of chunks.
        kestrel.Limits.MaxRequestBodySize = 3 * EventLimits.MaxBatchBodyBytes;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(EventLimits.MinBodyRate, EventLimits.BodyRateGrace);
    }
}

using SegOps.Ingestion.Ledger;
using SegOps.Ingestion.Publishing;
using SegOps.Ingestion.Quota;
using SegOps.Ingestion.Receipts;
using SegOps.Ingestion.Telemetry;
using SegOps.Ingestion.Track;
using SegOps.InternalApi;
using SegOps.ServiceDefaults;
using SegOps.ServiceDefaults.Configuration;

namespace SegOps.Ingestion;

/// <summary>Takes events in: validates them and answers once they are published.</summary>
internal static class Program
{
    internal static Task<int> Main(string[] args) => ServiceHost.RunAsync(() => Build(args));

    /// <summary>Builds the service; tests change settings and services by <paramref name="configure"/>.</summary>
    internal static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.AddServiceDefaults();
        builder.AddServerLimits();
        builder.AddPublishing();
        builder.AddQuota();
        builder.AddReceipts();
        builder.AddLedger();
        builder.AddTrack();
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
}

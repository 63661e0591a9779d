using SegOps.Monitoring.Errors;
using SegOps.Monitoring.Events;
using SegOps.Monitoring.EventTypes;
using SegOps.Monitoring.Freshness;
using SegOps.Monitoring.Http;
using SegOps.Monitoring.Ledger;
using SegOps.Monitoring.Live;
using SegOps.Monitoring.Page;
using SegOps.Monitoring.Pipeline;
using SegOps.Monitoring.Quota;
using SegOps.Monitoring.Receipts;
using SegOps.Monitoring.Rollups;
using SegOps.Monitoring.Usage;
using SegOps.Monitoring.Users;
using SegOps.Monitoring.Volume;
using SegOps.ServiceDefaults;
using SegOps.ServiceDefaults.Configuration;
using SegOps.ServiceDefaults.InternalCalls;
using SegOps.Warehouse;

namespace SegOps.Monitoring;

/// <summary>Shows customers what became of their events: health of the pipeline, stored events, volume, errors.</summary>
internal static class Program
{
    internal static Task<int> Main(string[] args) => ServiceHost.RunAsync(() => Build(args));

    /// <summary>Builds the service; tests change settings and services by <paramref name="configure"/>.</summary>
    internal static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.AddServiceDefaults();
        builder.Services.AddInternalCalls();
        builder.AddWarehouse();
        builder.AddPipelineHealth();
        builder.AddRollups();
        builder.AddFreshness();
        builder.AddLive();
        builder.AddReceipts();
        builder.AddQuotaReconciliation();
        builder.AddLedger();
        builder.Services.AddSingleton<PlanUsage>();
        configure?.Invoke(builder);

        var app = builder.Build();
        app.UseServiceDefaults();
        app.UseInternalCallsOnly();
        var api = app.MapMonitoringApi();
        api.MapPipelineHealth();
        api.MapFreshness();
        api.MapEvents();
        api.MapVolume();
        api.MapLedger();
        api.MapLive();
        api.MapEventTypes();
        api.MapUsers();
        api.MapUsage();
        api.MapErrors();
        app.MapEventApi().MapReceipts();
        app.MapPage();
        app.MapPipelineProbe();
        app.MapDefaultEndpoints();
        return app;
    }
}

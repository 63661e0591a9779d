using SegOps.Monitoring.Audit;
using SegOps.Monitoring.DeadLetters;
using SegOps.Monitoring.Errors;
using SegOps.Monitoring.Events;
using SegOps.Monitoring.EventTypes;
using SegOps.Monitoring.Freshness;
using SegOps.Monitoring.Http;
using SegOps.Monitoring.Live;
using SegOps.Monitoring.Page;
using SegOps.Monitoring.Pipeline;
using SegOps.Monitoring.Quota;
using SegOps.Monitoring.Rollups;
using SegOps.Monitoring.Status;
using SegOps.Monitoring.Usage;
using SegOps.Monitoring.Users;
using SegOps.Monitoring.Volume;
using SegOps.ServiceDefaults;
using SegOps.ServiceDefaults.Configuration;
using SegOps.InternalApi;
using SegOps.Warehouse;

namespace SegOps.Monitoring;

/// <summary>Shows customers their events, volume and errors, and the health of the pipeline.</summary>
internal static class Program
{
    internal static Task<int> Main(string[] args) => ServiceHost.RunAsync(() => Build(args));

    /// <summary>Builds the service. Tests change settings and services with <paramref name="configure"/>.</summary>
    internal static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.AddServiceDefaults();
        builder.Services.AddInternalCalls();
        builder.Services.ConfigureHttpJsonOptions(static options => MonitoringJson.Configure(options.SerializerOptions));
        builder.AddWarehouse();
        builder.AddPipelineHealth();
        builder.AddRollups();
        builder.AddFreshness();
        builder.AddLive();
        builder.AddEventStatus();
        builder.AddQuotaReconciliation();
        builder.AddEventAudit();
        builder.AddDeadLetterAlarm();
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
        api.MapEventAudit();
        api.MapLive();
        api.MapEventTypes();
        api.MapUsers();
        api.MapUser();
        api.MapUsage();
        api.MapErrors();
        app.MapEventApi().MapEventStatus();
        app.MapPage();
        app.MapPipelineProbe();
        app.MapDefaultEndpoints();
        return app;
    }
}

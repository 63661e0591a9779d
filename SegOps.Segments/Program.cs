using SegOps.InternalApi;
using SegOps.Segments.Api;
using SegOps.Segments.Evaluation;
using SegOps.Segments.Membership;
using SegOps.Segments.Page;
using SegOps.Segments.Store;
using SegOps.ServiceDefaults;
using SegOps.ServiceDefaults.Configuration;
using SegOps.ServiceDefaults.Redis;
using SegOps.Warehouse;

namespace SegOps.Segments;

/// <summary>Tells which users match which rules, why, and since when.</summary>
internal static class Program
{
    internal static Task<int> Main(string[] args) => ServiceHost.RunAsync(() => Build(args));

    /// <summary>Builds the service. Tests change settings and services with <paramref name="configure"/>.</summary>
    internal static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.AddServiceDefaults();
        builder.Services.AddInternalCalls();
        builder.Services.ConfigureHttpJsonOptions(static options => SegmentsJson.Configure(options.SerializerOptions));
        builder.AddWarehouse();
        builder.AddRedis("Segments cannot be read or changed, and their members stay as they are. It continues by itself.");
        builder.Services.AddSingleton<SegmentStore>().AddSingleton<ISegmentDefinitions>(static provider => provider.GetRequiredService<SegmentStore>());
        builder.Services.AddEvaluation();
        builder.AddMembership();
        builder.Services.AddSingleton<Definitions>().AddSingleton<SegmentAnswers>().AddSingleton<PreviewPlaces>().AddSingleton<RuleWarnings>().AddSingleton<StoredEventWait>().AddSingleton<UserCheck>();
        builder.Services.AddSingleton<MemberProperties>().AddSingleton<MemberExport>().AddSingleton<ChangeFeed>();
        configure?.Invoke(builder);

        var app = builder.Build();
        app.UseServiceDefaults();
        app.UseInternalCallsOnly();
        var api = app.MapSegmentsApi();
        api.MapSegments();
        api.MapProperties();
        api.MapPreview();
        api.MapChecks();
        api.MapMembers();
        api.MapChanges();
        app.MapPage();
        app.MapDefaultEndpoints();
        return app;
    }
}

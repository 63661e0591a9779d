using SegOps.Gateway.Admin;
using SegOps.Gateway.Http;
using SegOps.Gateway.Keys;
using SegOps.Gateway.Limits;
using SegOps.Gateway.Proxy;
using SegOps.Gateway.Reference;
using SegOps.Gateway.Telemetry;
using SegOps.ServiceDefaults;
using SegOps.ServiceDefaults.Configuration;

namespace SegOps.Gateway;

/// <summary>The only service that clients reach: checks the API key and the plan's limits, then forwards.</summary>
internal static class Program
{
    internal static Task<int> Main(string[] args) => ServiceHost.RunAsync(() => Build(args));

    /// <summary>Builds the service. Tests change settings and services by <paramref name="configure"/>.</summary>
    internal static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.AddServiceDefaults();
        builder.Services.AddSingleton<GatewayTelemetry>();
        builder.AddServerLimits();
        builder.AddCrossOrigin();
        builder.AddApiKeys();
        builder.AddLimits();
        builder.AddAdmin();
        builder.AddForwarding();
        configure?.Invoke(builder);

        var app = builder.Build();
        UseMiddleware(app);
        MapEndpoints(app);
        return app;
    }

    /// <summary>The steps of every request, in order. Kestrel applies <see cref="ServerLimits"/> before them.</summary>
    private static void UseMiddleware(WebApplication app)
    {
        app.UseTraceIdHeader();
        app.UseServiceDefaults(); // converts exceptions and empty error answers to problem details
        app.UseFramingCheck();
        app.UseProbeProtection();
        app.UseClientAddress();
        app.UseRouting();
        app.UseCors(); // Answers preflights, so that they need no key and count for no limit.
        app.UseSecretKeyInUrlCheck();
        app.UseAuthentication(); // No default scheme: the policy of the endpoint names its own.
        app.UseAuthorization(); // API key or admin token, and the limits of failed attempts.
        app.UseRequestTimeouts();
    }

    /// <summary>The routes. Routes to services have further steps, in this order; the last one forwards.</summary>
    private static void MapEndpoints(WebApplication app)
    {
        app.MapReverseProxy(static proxy =>
        {
            proxy.UseCallLimits(Routes.SendsEvents, Routes.TakesPublishableKeys);
            proxy.UseEscapedPathCheck();
            proxy.UseBodyLimit();
            proxy.UseUpstreamFailures();
            proxy.UseFailover();
            proxy.UseLoadBalancing();
            proxy.UsePassiveHealthChecks();
        }).RequireAuthorization(ApiKeyHandler.Policy);
        app.MapAdmin();
        app.MapReference();
        app.MapDefaultEndpoints();
    }
}

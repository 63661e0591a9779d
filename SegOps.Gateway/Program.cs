using SegOps.Gateway.Admin;
using SegOps.Gateway.Http;
using SegOps.Gateway.Keys;
using SegOps.Gateway.Limits;
using SegOps.Gateway.Proxy;
using SegOps.Gateway.Reference;
using SegOps.ServiceDefaults;
using SegOps.ServiceDefaults.Configuration;

namespace SegOps.Gateway;

/// <summary>The only service that clients reach: checks the API key, then forwards.</summary>
internal static class Program
{
    internal static Task<int> Main(string[] args) => ServiceHost.RunAsync(() => Build(args));

    /// <summary>Builds the service; tests change settings and services by <paramref name="configure"/>.</summary>
    internal static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.AddServiceDefaults();
        builder.AddServerLimits();
        builder.AddApiKeys();
        builder.AddLimits();
        builder.AddAdmin();
        builder.AddForwarding();
        configure?.Invoke(builder);

        var app = builder.Build();
        app.UseTraceIdHeader();
        app.UseServiceDefaults();
        app.UseTrustBoundary();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapAdmin();
        app.MapForwarding();
        app.MapReference();
        app.MapDefaultEndpoints();
        return app;
    }
}

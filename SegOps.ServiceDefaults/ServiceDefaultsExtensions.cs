using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.ServiceDiscovery;
using SegOps.ServiceDefaults.Configuration;
using SegOps.ServiceDefaults.Discovery;
using SegOps.ServiceDefaults.Health;
using SegOps.ServiceDefaults.Http;
using SegOps.ServiceDefaults.Telemetry;

namespace SegOps.ServiceDefaults;

/// <summary>Common setup of all services.</summary>
public static class ServiceDefaultsExtensions
{
    /// <summary>Adds telemetry, health checks, problem details, the clock, service discovery and resilient HTTP clients.</summary>
    public static IHostApplicationBuilder AddServiceDefaults(this IHostApplicationBuilder builder)
    {
        builder.AddTelemetry();
        builder.Services.AddHealth();
        builder.Services.AddProblems();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddServiceDiscovery();
        builder.Services.AddSingleton<IServiceEndpointProviderFactory>(provider => new HostAddresses(provider.GetRequiredService<TimeProvider>(), Dns.GetHostAddressesAsync));
        builder.Services.ConfigureHttpClientDefaults(http =>
        {
            http.AddStandardResilienceHandler(options => options.Retry.DisableForUnsafeHttpMethods());
            http.AddServiceDiscovery();
        });
        return builder;
    }

    /// <summary>Validates the settings, and converts exceptions and empty error answers to problem details. Call it first in the pipeline.</summary>
    /// <exception cref="OptionsValidationException">Settings of one type are invalid; <see cref="ServiceHost.RunAsync"/> reports it.</exception>
    /// <exception cref="AggregateException">Settings of several types are invalid; reported as well.</exception>
    public static IApplicationBuilder UseServiceDefaults(this IApplicationBuilder app)
    {
        ServiceHost.CheckSettings(app.ApplicationServices);
        return app.UseProblems();
    }

    /// <summary>Maps <c>/health</c> (readiness) and <c>/alive</c> (liveness).</summary>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        app.MapHealth();
        return app;
    }
}

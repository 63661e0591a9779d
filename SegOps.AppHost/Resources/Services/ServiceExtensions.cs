using Microsoft.Extensions.DependencyInjection;
using SegOps.AppHost.Publishing;

namespace SegOps.AppHost.Resources.Services;

/// <summary>SegOps' own services, each a project of this solution.</summary>
internal static class ServiceExtensions
{
    /// <summary>Who takes events in ends first, who tells what became of them last.</summary>
    private static readonly string[] StopOrder = ["gateway", "ingestion", "ingestor", "monitoring"];

    /// <summary>The image of ASP.NET has neither curl nor wget.</summary>
    private const string Probe = "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /health HTTP/1.0\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200'";

    /// <summary>
    /// Adds a service: started from its built program, so that its process is the service itself and not a <c>dotnet run</c>; on a port of its
    /// own without a proxy before it, so that a service that is down refuses connections; with the environment that it has on any other host.
    /// </summary>
    /// <param name="builder">The app host.</param>
    /// <param name="name">The resource's name, and the service's in its telemetry.</param>
    /// <param name="port">A fixed port; by default Aspire chooses a free one.</param>
    public static IResourceBuilder<ProjectResource> AddService<TProject>(
        this IDistributedApplicationBuilder builder, string name, int? port = null)
        where TProject : IProjectMetadata, new()
    {
        var service = builder.AddProject<TProject>(name, project => project.ExcludeLaunchProfile = true)
            .WithHttpEndpoint(name: "http", port: port, isProxied: false)
            .WithReferenceEnvironment(ReferenceEnvironmentInjectionFlags.ConnectionString | ReferenceEnvironmentInjectionFlags.ServiceDiscovery)
            .WithoutHttpsCertificate()
            .DisableForwardedHeaders();
        if (builder.ExecutionContext.IsPublishMode)
            return service.PublishWithHealthCheck("CMD", "bash", "-c", Probe);

        var program = Executables.Built(Path.GetFileNameWithoutExtension(new TProject().ProjectPath));
        return service
            .WithAnnotation(new ExecutableAnnotation { Command = program, WorkingDirectory = Path.GetDirectoryName(program)! })
            .WithAnnotation(new PartAnnotation(Array.IndexOf(StopOrder, name)))
            .WithEnvironment("DOTNET_ROOT", Executables.DotnetRoot)
            .WithEnvironment("DOTNET_hostBuilder__reloadConfigOnChange", "false") // no watchers of files that do not change: AppHostCommand
            .WithEnvironment("DOTNET_TC_CallCountingDelayMs", "1000") // as for the app host itself: SegOps.AppHost.csproj
            .WithEnvironment("Redis__Deadline", "00:00:01") // by default 50 ms: a machine that starts everything at once must not look like an unavailable Redis
            .WithEnvironment("Logging__Console__FormatterName", "line") // people read it in the dashboard; elsewhere it is JSON
            .WithEnvironment(AdaptTelemetry)
            .WithPatientHttpHealthCheck("health", "/health");
    }

    private static void AdaptTelemetry(EnvironmentCallbackContext context)
    {
        // Aspire asks for every span, also below a parent that says no: each canary would be a trace, and they would bury the user's.
        context.EnvironmentVariables["OTEL_TRACES_SAMPLER"] = "parentbased_always_on";

        // Without a dashboard nobody listens there, or the dashboard of another run does.
        if (context.ExecutionContext.Services.GetRequiredService<DistributedApplicationOptions>().DisableDashboard)
            context.EnvironmentVariables.Remove("OTEL_EXPORTER_OTLP_ENDPOINT");
    }
}

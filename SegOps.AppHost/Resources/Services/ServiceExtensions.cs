using Microsoft.Extensions.DependencyInjection;
using SegOps.AppHost.Publishing;

namespace SegOps.AppHost.Resources.Services;

/// <summary>Adds the services, each a project of this solution.</summary>
internal static class ServiceExtensions
{
    /// <summary>The direction of the data: from the gateway to Monitoring, which counts the events.</summary>
    private static readonly string[] StopOrder = ["gateway", "ingestion", "ingestor", "monitoring"];

    /// <summary>Uses bash, because the ASP.NET image has neither curl nor wget.</summary>
    private const string Probe = "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /health HTTP/1.0\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200'";

    /// <summary>
    /// Adds a service. It starts from its built program, so that its process is the service and not a <c>dotnet run</c>. It has no proxy, so that
    /// connections are refused while it is down. It has no launch profile, so that its environment is as on any other host.
    /// </summary>
    /// <param name="builder">The app host.</param>
    /// <param name="name">The name of the resource, and of the service in telemetry.</param>
    /// <param name="port">The port; by default Aspire chooses a free one.</param>
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
            .WithEnvironment("DOTNET_hostBuilder__reloadConfigOnChange", "false") // as in AppHostCommand: saves inotify instances
            .WithEnvironment("DOTNET_TC_CallCountingDelayMs", "1000") // as in SegOps.AppHost.csproj
            .WithEnvironment("Redis__Deadline", "00:00:01") // the default of 50 ms would fail while all parts start at once
            .WithEnvironment("Logging__Console__FormatterName", "line") // people read it in the dashboard; elsewhere it is JSON
            .WithEnvironment(AdaptTelemetry)
            .WithPollingHttpHealthCheck("health", "/health");
    }

    private static void AdaptTelemetry(EnvironmentCallbackContext context)
    {
        // Aspire samples every span, even if its parent is not sampled. The canaries' traces would hide the user's.
        context.EnvironmentVariables["OTEL_TRACES_SAMPLER"] = "parentbased_always_on";

        // Without a dashboard the endpoint is closed, or belongs to another run.
        if (context.ExecutionContext.Services.GetRequiredService<DistributedApplicationOptions>().DisableDashboard)
            context.EnvironmentVariables.Remove("OTEL_EXPORTER_OTLP_ENDPOINT");
    }
}

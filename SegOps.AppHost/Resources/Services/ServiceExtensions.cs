using Microsoft.Extensions.DependencyInjection;
using SegOps.AppHost.Resources.PubSub;

namespace SegOps.AppHost.Resources.Services;

/// <summary>SegOps' own services, each a project of this solution.</summary>
internal static class ServiceExtensions
{
    /// <summary>
    /// Adds a service: started from its built program, so that its process is the service itself and not a <c>dotnet run</c>; on a port of its
    /// own without a proxy before it, so that a service that is down refuses connections; with the environment that it has on any other host.
    /// </summary>
    /// <param name="builder">The app host.</param>
    /// <param name="name">The resource's name, and the service's in its telemetry.</param>
    /// <param name="options">How this app host is configured.</param>
    /// <param name="port">A fixed port; by default Aspire chooses a free one.</param>
    public static IResourceBuilder<ProjectResource> AddService<TProject>(
        this IDistributedApplicationBuilder builder, string name, AppHostOptions options, int? port = null)
        where TProject : IProjectMetadata, new()
    {
        var service = builder.AddProject<TProject>(name, project => project.ExcludeLaunchProfile = true)
            .WithHttpEndpoint(name: "http", port: port, isProxied: false)
            .WithReferenceEnvironment(ReferenceEnvironmentInjectionFlags.ConnectionString | ReferenceEnvironmentInjectionFlags.ServiceDiscovery)
            .DisableForwardedHeaders();
        if (builder.ExecutionContext.IsPublishMode)
            return service.WithHttpHealthCheck("/health");

        var program = Executables.Built(Path.GetFileNameWithoutExtension(new TProject().ProjectPath));
        return service
            .WithAnnotation(new ExecutableAnnotation { Command = program, WorkingDirectory = Path.GetDirectoryName(program)! })
            .WithEnvironment("DOTNET_ROOT", Executables.DotnetRoot)
            .WithEnvironment(context => Adapt(context, options))
            .WithPatientHttpHealthCheck("health", "/health");
    }

    private static void Adapt(EnvironmentCallbackContext context, AppHostOptions options)
    {
        // What a process that crashed had received comes back after this; in production leases are longer.
        if (context.ExecutionContext.Services.GetRequiredService<DistributedApplicationModel>().Resources.OfType<IPubSubEmulatorResource>().Any())
        {
            context.EnvironmentVariables["PubSub__Subscriber__AckDeadline"] = "00:00:10";
            context.EnvironmentVariables["PubSub__Subscriber__ExtendBefore"] = "00:00:05";
        }

        // Aspire asks for every span, also below a parent that says no: each canary would be a trace, and they would bury the user's.
        context.EnvironmentVariables["OTEL_TRACES_SAMPLER"] = "parentbased_always_on";

        // Without a dashboard nobody listens there, or the dashboard of another run does.
        if (context.ExecutionContext.Services.GetRequiredService<DistributedApplicationOptions>().DisableDashboard)
            context.EnvironmentVariables.Remove("OTEL_EXPORTER_OTLP_ENDPOINT");

        foreach (var (variable, value) in options.Environment)
            context.EnvironmentVariables[variable] = value;
    }
}

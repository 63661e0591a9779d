using Microsoft.Extensions.DependencyInjection;
using SegOps.AppHost.Publishing;

namespace SegOps.AppHost.Resources.Services;

/// <summary>Adds the services, each a project of this solution.</summary>
internal static class ServiceExtensions
{
    /// <summary>The direction of the data: from the gateway to Monitoring, which counts the events.</summary>
    private static readonly string[] StopOrder = ["gateway", "ingestion", "ingestor", "segments", "monitoring"];

    /// <summary>Uses bash, because the ASP.NET image has neither curl nor wget.</summary>
    private const string Probe = "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /health HTTP/1.0\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200'";

    /// <summary>The port of a published gateway that answers its health to the other containers. It is not published.</summary>
    private const string ProbePort = "8081";

    /// <summary>
    /// Adds a service in as many instances as <see cref="AppHostOptions.Instances"/> says; a publication has one, which the operator scales. The first
    /// has the service's name, the others end with their number, such as ingestion-2.
    /// </summary>
    /// <param name="builder">The app host.</param>
    /// <param name="name">The name of the resource, and of the service in telemetry.</param>
    /// <param name="options">The number of instances, and the port of the first gateway. Other ports are free ones that Aspire chooses.</param>
    /// <param name="configure">Configures each instance.</param>
    public static IReadOnlyList<IResourceBuilder<ProjectResource>> AddService<TProject>(
        this IDistributedApplicationBuilder builder, string name, AppHostOptions options,
        Action<IResourceBuilder<ProjectResource>> configure)
        where TProject : IProjectMetadata, new()
    {
        var instances = Enumerable.Range(1, builder.ExecutionContext.IsPublishMode ? 1 : options.Instances)
            .Select(number => builder.AddInstance<TProject>(name, number, name == "gateway" && number == 1 ? options.GatewayPort(builder) : null))
            .ToList();
        instances.ForEach(configure);
        return instances;
    }

    /// <summary>Gives a service the addresses of all instances of another, for service discovery.</summary>
    public static IResourceBuilder<ProjectResource> WithInstances(
        this IResourceBuilder<ProjectResource> service, IReadOnlyList<IResourceBuilder<ProjectResource>> instances)
    {
        service.WithReference(instances[0]);
        for (var index = 1; index < instances.Count; index++)
            service.WithEnvironment(Address(instances[0], index), instances[index].GetEndpoint("http"));
        return service;
    }

    /// <summary>Lets a published gateway answer its health to Monitoring, on a port of its own. Locally it answers on its only port.</summary>
    public static IResourceBuilder<ProjectResource> WithProbePort(this IResourceBuilder<ProjectResource> gateway) =>
        gateway.ApplicationBuilder.ExecutionContext.IsPublishMode ? gateway.WithEnvironment("Server__ProbePort", ProbePort) : gateway;

    /// <summary>Gives Monitoring the addresses at which the gateways answer their health.</summary>
    public static void WithProbedInstances(this IResourceBuilder<ProjectResource> monitoring, IReadOnlyList<IResourceBuilder<ProjectResource>> gateways)
    {
        for (var index = 0; index < gateways.Count; index++)
            if (monitoring.ApplicationBuilder.ExecutionContext.IsPublishMode)
                monitoring.WithEnvironment(Address(gateways[0], index), "http://" + gateways[index].Resource.Name + ":" + ProbePort);
            else
                monitoring.WithEnvironment(Address(gateways[0], index), gateways[index].GetEndpoint("http"));
    }

    private static string Address(IResourceBuilder<ProjectResource> service, int index) => $"services__{service.Resource.Name}__http__{index}";

    /// <summary>
    /// Adds an instance. It starts from its built program, so that its process is the service and not a <c>dotnet run</c>. It has no proxy, so that
    /// connections are refused while it is down. It has no launch profile, so that its environment is as on any other host.
    /// </summary>
    private static IResourceBuilder<ProjectResource> AddInstance<TProject>(this IDistributedApplicationBuilder builder, string name, int number, int? port)
        where TProject : IProjectMetadata, new()
    {
        var service = builder.AddProject<TProject>(number == 1 ? name : $"{name}-{number}", project => project.ExcludeLaunchProfile = true)
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
            .WithEnvironment("OTEL_SERVICE_NAME", name)
            .WithEnvironment("DOTNET_ROOT", Executables.DotnetRoot)
            .WithEnvironment("DOTNET_hostBuilder__reloadConfigOnChange", "false") // as in AppHostCommand: saves inotify instances
            .WithEnvironment("DOTNET_TC_CallCountingDelayMs", "1000") // as in SegOps.AppHost.csproj
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

using System.Globalization;

namespace SegOps.AppHost.Publishing;

/// <summary>Describes the app model as a docker compose file.</summary>
internal sealed class ComposeWriter
{
    private const string Dashboard = "dashboard";
    private const string DashboardImage = "mcr.microsoft.com/dotnet/aspire-dashboard:13.6.0";

    private readonly ComposeFile _file = new();
    private readonly ComposeValues _values;
    private readonly DistributedApplicationExecutionContext _execution;

    private ComposeWriter(DistributedApplicationExecutionContext execution)
    {
        _execution = execution;
        _values = new ComposeValues(_file);
    }

    /// <summary>Describes the published resources of <paramref name="model"/>.</summary>
    /// <exception cref="DistributedApplicationException">A compose file cannot express a resource, or the file would be invalid.</exception>
    public static async Task<ComposeFile> DescribeAsync(
        DistributedApplicationModel model, DistributedApplicationExecutionContext execution, bool dashboard, CancellationToken cancellationToken)
    {
        var writer = new ComposeWriter(execution);
        foreach (var resource in model.GetComputeResources())
            writer._file.Services[resource.Name] = await writer.DescribeAsync(resource, cancellationToken);
        if (dashboard)
            writer.AddDashboard(model);

        var exposed = model.GetComputeResources().Where(IsExternal).Select(resource => resource.Name).Append(Dashboard).ToHashSet();
        if (writer._file.Faults(exposed).ToList() is { Count: > 0 } faults)
            throw new DistributedApplicationException("The compose file would be invalid. " + string.Join(" ", faults));
        return writer._file;
    }

    private async Task<ComposeService> DescribeAsync(IResource resource, CancellationToken cancellationToken)
    {
        var service = new ComposeService { Image = Image(resource) };
        if (resource is ContainerResource { Entrypoint: { } entrypoint })
            service.Entrypoint.Add(entrypoint);

        var arguments = new CommandLineArgsCallbackContext([], resource, cancellationToken) { ExecutionContext = _execution };
        foreach (var callback in resource.Annotations.OfType<CommandLineArgsCallbackAnnotation>())
            await callback.Callback(arguments);
        service.Command.AddRange(arguments.Args.Select(_values.Of));

        var environment = new EnvironmentCallbackContext(_execution, resource, [], cancellationToken);
        foreach (var callback in resource.Annotations.OfType<EnvironmentCallbackAnnotation>())
            await callback.Callback(environment);
        foreach (var (variable, value) in environment.EnvironmentVariables)
            service.Environment[variable] = _values.Of(value);
        if (resource is ProjectResource)
        {
            var port = ComposeValues.ServicePort.ToString(CultureInfo.InvariantCulture);
            service.Environment["ASPNETCORE_HTTP_PORTS"] = service.Environment.TryGetValue("Server__ProbePort", out var probe) ? $"{port};{probe}" : port;
        }
        foreach (var addresses in (string[])["ASPNETCORE_URLS", "HTTP_PORTS"])
            service.Environment.Remove(addresses);

        foreach (var mount in resource.Annotations.OfType<ContainerMountAnnotation>())
        {
            var volume = mount.Type == ContainerMountType.Volume && mount.Source is { } named
                ? named
                : throw new DistributedApplicationException($"{resource.Name} mounts {mount.Source}: only named volumes can be published.");
            service.Volumes.Add($"{volume}:{mount.Target}");
            _file.Volumes[volume] = [];
        }
        foreach (var wait in resource.Annotations.OfType<WaitAnnotation>().Where(wait => wait.Resource is not ParameterResource))
            service.DependsOn[wait.Resource.Name] = new(wait.WaitType == WaitType.WaitUntilHealthy ? ComposeDependency.Healthy : ComposeDependency.Started);
        if (resource.Annotations.OfType<ComposeHealthCheckAnnotation>().LastOrDefault() is { } check)
            service.Healthcheck = new([.. check.Test.Select(ComposeValues.Escape)]);
        if (IsExternal(resource))
            service.Ports.Add($"{_values.Variable($"{resource.Name}-port", $"The port of {resource.Name} on this machine.", "8080")}:{ComposeValues.ServicePort}");
        return service;
    }

    private string Image(IResource resource)
    {
        if (resource.Annotations.OfType<ContainerImageAnnotation>().LastOrDefault() is { } image)
            return $"{(image.Registry is null ? "" : image.Registry + "/")}{image.Image}:{image.Tag}";

        var project = resource is ProjectResource service ? Path.GetFileNameWithoutExtension(service.GetProjectMetadata().ProjectPath) : null;
        if (project is null)
            throw new DistributedApplicationException($"{resource.Name} has no image.");
        var version = typeof(ComposeWriter).Assembly.GetName().Version!.ToString(3);
        return _values.Variable(
            $"{resource.Name}-image",
            $"Build: dotnet publish {project} /t:PublishContainer -p:ContainerRepository=segops/{resource.Name} -p:ContainerImageTag={version}",
            $"segops/{resource.Name}:{version}");
    }

    /// <summary>Adds Aspire's dashboard, reachable from its own machine only.</summary>
    private void AddDashboard(DistributedApplicationModel model)
    {
        var key = _values.Variable("dashboard-otlp-key", "Secret: lets the services send telemetry to the dashboard.");
        var service = new ComposeService { Image = DashboardImage };
        service.Environment["DASHBOARD__FRONTEND__AUTHMODE"] = "BrowserToken";
        service.Environment["DASHBOARD__FRONTEND__BROWSERTOKEN"] = _values.Variable("dashboard-token", "Secret: the sign-in token of the dashboard, http://localhost:18888.");
        service.Environment["DASHBOARD__OTLP__AUTHMODE"] = "ApiKey";
        service.Environment["DASHBOARD__OTLP__PRIMARYAPIKEY"] = key;
        service.Ports.Add("127.0.0.1:18888:18888");
        _file.Services[Dashboard] = service;
        foreach (var project in model.GetComputeResources().OfType<ProjectResource>())
        {
            var environment = _file.Services[project.Name].Environment;
            environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://{Dashboard}:18889";
            environment["OTEL_EXPORTER_OTLP_HEADERS"] = $"x-otlp-api-key={key}";
            environment["OTEL_SERVICE_NAME"] = project.Name;
        }
    }

    private static bool IsExternal(IResource resource) => resource.Annotations.OfType<EndpointAnnotation>().Any(endpoint => endpoint.IsExternal);
}

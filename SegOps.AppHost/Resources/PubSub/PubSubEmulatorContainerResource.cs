namespace SegOps.AppHost.Resources.PubSub;

/// <summary>Google's Pub/Sub emulator as a container.</summary>
/// <param name="name">The resource's name.</param>
internal sealed class PubSubEmulatorContainerResource(string name) : ContainerResource(name), IPubSubEmulatorResource
{
    /// <summary>Where it listens.</summary>
    public EndpointReference Endpoint => field ??= new(this, "http");

    /// <inheritdoc/>
    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create(
        $"Endpoint=http://{Endpoint.Property(EndpointProperty.Host)}:{Endpoint.Property(EndpointProperty.Port)};ProjectId={IPubSubEmulatorResource.ProjectId}");
}

internal static class PubSubEmulatorContainerExtensions
{
    private const int Port = 8085;

    /// <summary>Adds the emulator of Google's own image; never published.</summary>
    public static IResourceBuilder<PubSubEmulatorContainerResource> AddPubSubEmulatorContainer(this IDistributedApplicationBuilder builder, string name) =>
        builder.AddResource(new PubSubEmulatorContainerResource(name))
            .WithImage("google.com/cloudsdktool/google-cloud-cli", "528.0.0-emulators")
            .WithImageRegistry("gcr.io")
            .WithArgs("gcloud", "beta", "emulators", "pubsub", "start", $"--host-port=0.0.0.0:{Port}", $"--project={IPubSubEmulatorResource.ProjectId}")
            .WithHttpEndpoint(targetPort: Port, name: "http")
            .WithTopicsHealthCheck()
            .WithIconName("ArrowRouting")
            .ExcludeFromManifest();

    /// <summary>
    /// Gives a service the stream. An emulator goes on delivering into the streams of a process that crashed: what it leased to them comes back after
    /// this shorter deadline.
    /// </summary>
    public static IResourceBuilder<ProjectResource> WithStream(this IResourceBuilder<ProjectResource> service, IResourceBuilder<IResourceWithConnectionString> stream)
    {
        service.WithReference(stream);
        return stream.Resource is not IPubSubEmulatorResource ? service : service
            .WithEnvironment("PubSub__Subscriber__AckDeadline", "00:00:10")
            .WithEnvironment("PubSub__Subscriber__ExtendBefore", "00:00:05");
    }
}

namespace SegOps.AppHost.Resources.PubSub;

/// <summary>Google's Pub/Sub emulator as a container.</summary>
/// <param name="name">The resource's name.</param>
internal sealed class PubSubEmulatorContainerResource(string name) : ContainerResource(name), IPubSubEmulatorResource
{
    /// <summary>The HTTP and gRPC endpoint.</summary>
    public EndpointReference Endpoint => field ??= new(this, "http");

    /// <inheritdoc/>
    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create(
        $"Endpoint=http://{Endpoint.Property(EndpointProperty.Host)}:{Endpoint.Property(EndpointProperty.Port)};ProjectId={IPubSubEmulatorResource.ProjectId}");
}

internal static class PubSubEmulatorContainerExtensions
{
    private const int Port = 8085;

    /// <summary>Adds the emulator from Google's image. It is never published.</summary>
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
    /// Adds a reference to the stream. An emulator continues to deliver to streams of a crashed process; a shorter ack deadline returns these messages
    /// sooner.
    /// </summary>
    public static IResourceBuilder<ProjectResource> WithStream(this IResourceBuilder<ProjectResource> service, IResourceBuilder<IResourceWithConnectionString> stream)
    {
        service.WithReference(stream);
        return stream.Resource is not IPubSubEmulatorResource ? service : service
            .WithEnvironment("PubSub__Subscriber__AckDeadline", "00:00:10")
            .WithEnvironment("PubSub__Subscriber__ExtendBefore", "00:00:05");
    }
}

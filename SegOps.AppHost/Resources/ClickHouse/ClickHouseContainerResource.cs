using SegOps.AppHost.Data;
using SegOps.AppHost.Publishing;

namespace SegOps.AppHost.Resources.ClickHouse;

/// <summary>The ClickHouse server as a container.</summary>
/// <param name="name">The resource's name.</param>
/// <param name="password">The password of the user segops.</param>
internal sealed class ClickHouseContainerResource(string name, ParameterResource password) : ContainerResource(name), IClickHouseResource
{
    /// <inheritdoc/>
    public ParameterResource Password => password;

    /// <summary>The HTTP endpoint.</summary>
    public EndpointReference Endpoint => field ??= new(this, "http");

    /// <inheritdoc/>
    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create(
        $"Host={Endpoint.Property(EndpointProperty.Host)};Port={Endpoint.Property(EndpointProperty.Port)};Username={IClickHouseResource.Segops};Password={Password};Database={IClickHouseResource.Segops}");
}

internal static class ClickHouseContainerExtensions
{
    private const int HttpPort = 8123;

    /// <summary>Adds a ClickHouse container, of the same version as SegOps.EmbeddedClickHouse.</summary>
    public static IResourceBuilder<ClickHouseContainerResource> AddClickHouseContainer(
        this IDistributedApplicationBuilder builder, string name, DataFolder data, IResourceBuilder<ParameterResource> password) =>
        builder.AddResource(new ClickHouseContainerResource(name, password.Resource))
            .WithImage("clickhouse/clickhouse-server", "26.7.3.19")
            .WithImageRegistry("docker.io")
            .WithHttpEndpoint(targetPort: HttpPort, name: "http")
            .WithEnvironment("CLICKHOUSE_USER", IClickHouseResource.Segops)
            .WithEnvironment("CLICKHOUSE_PASSWORD", password)
            .WithEnvironment("CLICKHOUSE_DB", IClickHouseResource.Segops)
            .WithDataVolume(data, "/var/lib/clickhouse")
            .WithSelectHealthCheck()
            .PublishWithHealthCheck("CMD-SHELL", "wget -q -O /dev/null http://127.0.0.1:8123/ping")
            .WithIconName("DatabaseLightning");
}

using SegOps.AppHost.Data;
using SegOps.EmbeddedClickHouse.EnginePackage;

namespace SegOps.AppHost.Resources.ClickHouse;

/// <summary>ClickHouse, as a local process or a container.</summary>
internal interface IClickHouseResource : IResourceWithConnectionString, IResourceWithEndpoints
{
    /// <summary>The name of the database and of its user.</summary>
    const string Segops = "segops";

    /// <summary>The password of the user <see cref="Segops"/>.</summary>
    ParameterResource Password { get; }
}

/// <summary>The embedded ClickHouse engine (SegOps.EmbeddedClickHouse) as a local process, on the loopback address.</summary>
/// <param name="name">The resource's name.</param>
/// <param name="folder">The working directory.</param>
/// <param name="password">The password of the user segops.</param>
internal sealed class EmbeddedClickHouseResource(string name, string folder, ParameterResource password)
    : ExecutableResource(name, Executables.Built("SegOps.EmbeddedClickHouse"), folder), IClickHouseResource
{
    /// <inheritdoc/>
    public ParameterResource Password => password;

    /// <summary>The HTTP endpoint.</summary>
    public EndpointReference Endpoint => field ??= new(this, "http");

    /// <inheritdoc/>
    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create(
        $"Host=127.0.0.1;Port={Endpoint.Property(EndpointProperty.Port)};Username={IClickHouseResource.Segops};Password={Password};Database={IClickHouseResource.Segops}");
}

internal static class EmbeddedClickHouseExtensions
{
    /// <summary>Adds the embedded ClickHouse, with its data in <paramref name="data"/>. The engine is downloaded before the first start.</summary>
    public static IResourceBuilder<EmbeddedClickHouseResource> AddEmbeddedClickHouse(
        this IDistributedApplicationBuilder builder, string name, DataFolder data, IResourceBuilder<ParameterResource> password)
    {
        var resource = new EmbeddedClickHouseResource(name, builder.AppHostDirectory, password.Resource);

        // The password is an environment variable, because every user of the machine can read arguments.
        return builder.AddResource(resource)
            .WithHttpEndpoint(name: "http", isProxied: false)
            .WithArgs(context =>
            {
                foreach (var argument in (object[])["--path", data.Folder("clickhouse"), "--port", resource.Endpoint.Property(EndpointProperty.TargetPort)])
                    context.Args.Add(argument);
            })
            .WithEnvironment("CLICKHOUSE_USER", IClickHouseResource.Segops)
            .WithEnvironment("CLICKHOUSE_PASSWORD", password)
            .WithEnvironment("DOTNET_ROOT", Executables.DotnetRoot)
            .OnBeforeResourceStarted((_, start, cancellationToken) => EngineFetch.RunAsync(start, cancellationToken))
            .WithSelectHealthCheck()
            .WithAnnotation(new PartAnnotation(PartAnnotation.Server))
            .WithIconName("DatabaseLightning")
            .ExcludeFromManifest();
    }

    /// <summary>Whether the embedded engine has a build for this platform.</summary>
    public static bool IsAvailable => EngineLocator.IsAvailable;
}

namespace SegOps.AppHost.Servers;

internal static class ServerExtensions
{
    /// <summary>
    /// Adds a server: by its connection string if one is configured, as a container if published or <paramref name="containers"/> is set, else
    /// as a local process.
    /// </summary>
    /// <param name="builder">The app host.</param>
    /// <param name="name">The name of the resource and of the connection string.</param>
    /// <param name="containers">Whether run mode uses containers.</param>
    /// <param name="local">Adds the process.</param>
    /// <param name="container">Adds the container.</param>
    /// <param name="published">Whether a publication includes the container; if not, it asks for a connection string.</param>
    public static IResourceBuilder<IResourceWithConnectionString> AddServer(
        this IDistributedApplicationBuilder builder,
        string name,
        bool containers,
        Func<string, IResourceBuilder<IResourceWithConnectionString>> local,
        Func<string, IResourceBuilder<IResourceWithConnectionString>> container,
        bool published = true)
    {
        if (builder.Configuration[$"ConnectionStrings:{name}"] is { Length: > 0 } external)
        {
            if (builder.ExecutionContext.IsRunMode)
                builder.CheckBeforeStart(name, external);
            return builder.AddConnectionString(name);
        }
        if (builder.ExecutionContext.IsPublishMode)
            return published ? container(name) : builder.AddConnectionString(name);
        return containers ? container(name) : local(name);
    }
}

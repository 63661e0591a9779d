namespace SegOps.AppHost.Servers;

internal static class ServerExtensions
{
    /// <summary>
    /// Adds a server in one of its forms: by the connection string that configuration has for it; as a container, when published or asked for;
    /// otherwise as a process of this machine.
    /// </summary>
    /// <param name="builder">The app host.</param>
    /// <param name="name">The resource's and the connection string's name.</param>
    /// <param name="containers">Whether run mode uses containers.</param>
    /// <param name="local">Adds the process.</param>
    /// <param name="container">Adds the container.</param>
    /// <param name="published">Whether the container is part of what is published; otherwise the operator names a connection string.</param>
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

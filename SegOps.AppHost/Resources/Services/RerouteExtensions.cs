namespace SegOps.AppHost.Resources.Services;

/// <summary>Lets a test put proxies between the services and the parts that they call.</summary>
public static class RerouteExtensions
{
    private const string ConnectionStrings = "ConnectionStrings__";
    private const string Services = "services__";

    /// <summary>
    /// Replaces addresses that services receive. Each start of a service calls <paramref name="reroute"/> for each part that the service calls. The
    /// arguments are the service's name, the part's name (redis, clickhouse, pubsub, ingestion, ingestor, segments, monitoring) and the part's connection
    /// string or URL. The result replaces the latter.
    /// </summary>
    public static IDistributedApplicationBuilder Reroute(this IDistributedApplicationBuilder builder, Func<string, string, string, string> reroute)
    {
        foreach (var service in builder.Resources.OfType<ProjectResource>().ToList())
            builder.CreateResourceBuilder(service).WithEnvironment(async context =>
            {
                foreach (var (variable, value) in context.EnvironmentVariables.ToList())
                    if (PartOf(variable) is { } part && await AddressAsync(value, context.CancellationToken) is { } address)
                        context.EnvironmentVariables[variable] = reroute(service.Name, part, address);
            });
        return builder;
    }

    private static string? PartOf(string variable)
    {
        if (variable.StartsWith(ConnectionStrings, StringComparison.Ordinal))
            return variable[ConnectionStrings.Length..];
        return variable.StartsWith(Services, StringComparison.Ordinal) ? variable.Split("__")[1] : null;
    }

    private static async ValueTask<string?> AddressAsync(object value, CancellationToken cancellationToken) =>
        value is IValueProvider provider ? await provider.GetValueAsync(cancellationToken) : value as string;
}

using System.Globalization;

namespace SegOps.AppHost.Publishing;

/// <summary>Converts values of the app model to text of a compose file. Addresses become those of its network, parameters become variables of .env.</summary>
internal sealed class ComposeValues(ComposeFile file)
{
    /// <summary>The port of every service inside its container.</summary>
    public const int ServicePort = 8080;

    /// <summary>The text of <paramref name="value"/>.</summary>
    /// <exception cref="DistributedApplicationException">A compose file cannot express the value.</exception>
    public string Of(object value) => value switch
    {
        string text => Escape(text),
        IResourceWithConnectionString and ParameterResource parameter =>
            Variable($"{parameter.Name}-connection-string", $"Secret: the connection string of {parameter.Name}{(parameter.Name == "pubsub" ? ", such as ProjectId=my-project. Outside Google Cloud the services also need a key: GOOGLE_APPLICATION_CREDENTIALS, in a compose.override.yaml" : "")}."),
        ParameterResource parameter => Variable(parameter.Name, $"{(parameter.Secret ? "Secret: " : "")}{parameter.Name}."),
        ConnectionStringReference { Resource: ParameterResource resource } => Of(resource),
        ConnectionStringReference reference => Of(reference.Resource.ConnectionStringExpression),
        EndpointReference endpoint => Of(endpoint.Property(EndpointProperty.Url)),
        EndpointReferenceExpression endpoint => Of(endpoint),
        ReferenceExpression { IsConditional: false } expression =>
            string.Format(CultureInfo.InvariantCulture, Escape(expression.Format), [.. expression.ValueProviders.Select(Of)]),
        ReferenceExpression { IsConditional: true, Condition: EndpointReferenceExpression { Property: EndpointProperty.TlsEnabled }, WhenFalse: { } plain } => Of(plain),
        IResourceBuilder<IResource> builder => Of(builder.Resource),
        IResourceWithConnectionString resource => Of(resource.ConnectionStringExpression),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new DistributedApplicationException($"A value of type {value.GetType().Name} cannot be written into a compose file."),
    };

    /// <summary>Adds a variable to the .env template and returns a reference to it. Compose does not start if one without a default is not set.</summary>
    public string Variable(string name, string description, string @default = "")
    {
        var variable = name.Replace('-', '_').ToUpperInvariant();
        file.Variables[variable] = new(description, @default);
        return @default.Length > 0 ? $"${{{variable}:-{@default}}}" : $"${{{variable}:?set it in .env}}";
    }

    /// <summary>Escapes $, which starts a variable in a compose file.</summary>
    public static string Escape(string text) => text.Replace("$", "$$", StringComparison.Ordinal);

    private static string Of(EndpointReferenceExpression expression)
    {
        var endpoint = expression.Endpoint;
        var host = endpoint.Resource.Name;
        var port = (endpoint.Resource is ProjectResource ? ServicePort : endpoint.TargetPort
            ?? throw new DistributedApplicationException($"{host} has no port inside its container.")).ToString(CultureInfo.InvariantCulture);
        return expression.Property switch
        {
            EndpointProperty.Host or EndpointProperty.IPV4Host => host,
            EndpointProperty.Port or EndpointProperty.TargetPort => port,
            EndpointProperty.HostAndPort => $"{host}:{port}",
            EndpointProperty.Scheme => endpoint.Scheme,
            EndpointProperty.Url => $"{endpoint.Scheme}://{host}:{port}",
            var other => throw new DistributedApplicationException($"The property {other} of {host} cannot be written into a compose file."),
        };
    }
}

using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace SegOps.Gateway.Proxy;

/// <summary>Which paths go to which service. Paths are not rewritten: a service serves them under the same names.</summary>
internal static class Routes
{
    internal const string Ingestion = "ingestion";
    internal const string Monitoring = "monitoring";

    private static readonly string[] Services = [Ingestion, Monitoring];

    /// <summary>The monitoring page: people open it before they have a key, and its scripts then call the API with theirs.</summary>
    private static readonly string[] PagePaths = ["/", "/assets/{**rest}"];

    /// <summary>Where an event is, which Monitoring knows: the more specific of two paths wins, so that Ingestion is not asked.</summary>
    private const string EventPath = "/api/ingestion/events/{**rest}";

    internal static IReadOnlyList<RouteConfig> All(ForwardingOptions options) =>
    [
        .. Services.Select(service => new RouteConfig
        {
            RouteId = service,
            ClusterId = service,
            Match = new RouteMatch { Path = $"/api/{service}/{{**rest}}" },
            Timeout = options.RequestTimeout,
        }),
        new RouteConfig
        {
            RouteId = "events",
            ClusterId = Monitoring,
            Match = new RouteMatch { Path = EventPath },
            Timeout = options.RequestTimeout,
        },
        .. PagePaths.Select(path => new RouteConfig
        {
            RouteId = path,
            ClusterId = Monitoring,
            AuthorizationPolicy = "anonymous", // YARP's own word for AllowAnonymous
            Match = new RouteMatch { Path = path, Methods = [HttpMethods.Get, HttpMethods.Head] },
            Timeout = options.RequestTimeout,
        }),
    ];

    /// <summary>One cluster a service; the address's host is the name that service discovery resolves.</summary>
    internal static IReadOnlyList<ClusterConfig> Clusters(ForwardingOptions options) => [.. Services.Select(service => new ClusterConfig
    {
        ClusterId = service,
        Destinations = new Dictionary<string, DestinationConfig> { [service] = new() { Address = "http://" + service } },
        HttpRequest = new ForwarderRequestConfig
        {
            ActivityTimeout = options.ActivityTimeout,
            Version = System.Net.HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        },
    })];
}

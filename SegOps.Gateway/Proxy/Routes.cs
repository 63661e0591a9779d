using SegOps.Gateway.Http;
using SegOps.ServiceDefaults.Health;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;

namespace SegOps.Gateway.Proxy;

/// <summary>The paths of each service. Paths are not rewritten: a service serves them under the same names.</summary>
internal static class Routes
{
    private const string Ingestion = "ingestion";
    private const string Monitoring = "monitoring";
    private const string Segments = "segments";

    /// <summary>Time after which an unhealthy instance receives requests again.</summary>
    private static readonly TimeSpan Reactivation = TimeSpan.FromSeconds(10);

    /// <summary>Interval and deadline of the checks of each instance's readiness. Two failures in a row make it unhealthy.</summary>
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(2);

    /// <summary>The longest time for which a call of the segments' changes waits for one, and sends nothing.</summary>
    private static readonly TimeSpan LongPoll = TimeSpan.FromSeconds(30);

    private static readonly string[] Services = [Ingestion, Monitoring, Segments];

    /// <summary>The pages of each service. They open without a key; their scripts call the API with the key that the user enters.</summary>
    private static readonly (string Service, string Path)[] Pages =
        [(Monitoring, "/"), (Monitoring, "/assets/{**rest}"), (Segments, "/segments"), (Segments, "/segments/assets/{**rest}")];

    /// <summary>Status of an event, which Monitoring answers. It is more specific than Ingestion's path and takes precedence.</summary>
    private const string EventPath = "/api/ingestion/events/{**rest}";

    /// <summary>The calls that take publishable keys, by POST. All others refuse them.</summary>
    private const string TrackPath = "/api/ingestion/track";

    /// <summary>Whether a forwarded request takes a publishable key, which may only send events.</summary>
    internal static bool TakesPublishableKeys(HttpContext context) =>
        SendsEvents(context) && HttpMethods.IsPost(context.Request.Method) && context.Request.Path.StartsWithSegments(TrackPath);

    /// <summary>Whether a forwarded request goes to Ingestion.</summary>
    internal static bool SendsEvents(HttpContext context) => context.GetReverseProxyFeature().Cluster.Config.ClusterId == Ingestion;

    /// <summary>All routes. Scripts of other origins can call those that need a key.</summary>
    internal static IReadOnlyList<RouteConfig> All(ForwardingOptions options) =>
        [.. Listed(options).Select(static route => route.AuthorizationPolicy is null ? route with { CorsPolicy = CrossOrigin.Policy } : route)];

    private static IEnumerable<RouteConfig> Listed(ForwardingOptions options) =>
    [
        .. Services.Select(service => new RouteConfig
        {
            RouteId = service,
            ClusterId = service,
            Match = new RouteMatch { Path = $"/api/{service}/{{**rest}}" },
            // Bodies to Ingestion and exports of segments may take as long as they make progress: ActivityTimeout and the minimum rates bound them.
            Timeout = service == Monitoring ? options.RequestTimeout : null,
        }),
        new RouteConfig
        {
            RouteId = "events",
            ClusterId = Monitoring,
            Match = new RouteMatch { Path = EventPath },
            Timeout = options.RequestTimeout,
        },
        .. Pages.Select(page => new RouteConfig
        {
            RouteId = page.Path,
            ClusterId = page.Service,
            AuthorizationPolicy = "anonymous", // YARP's name for AllowAnonymous
            Match = new RouteMatch { Path = page.Path, Methods = [HttpMethods.Get, HttpMethods.Head] },
            Timeout = options.RequestTimeout,
        }),
    ];

    /// <summary>
    /// One cluster for each service. Service discovery resolves the host of its address to the service's instances. An instance that is not
    /// ready, or whose requests fail, receives none, unless none of the others is better.
    /// </summary>
    internal static IReadOnlyList<ClusterConfig> Clusters(ForwardingOptions options) => [.. Services.Select(service => new ClusterConfig
    {
        ClusterId = service,
        Destinations = new Dictionary<string, DestinationConfig> { [service] = new() { Address = "http://" + service } },
        HealthCheck = new HealthCheckConfig
        {
            Active = new ActiveHealthCheckConfig
            {
                Enabled = true,
                Path = HealthEndpoints.ReadinessPath,
                Interval = ProbeInterval,
                Timeout = ProbeInterval,
                Policy = HealthCheckConstants.ActivePolicy.ConsecutiveFailures,
            },
            Passive = new PassiveHealthCheckConfig { Enabled = true, Policy = HealthCheckConstants.PassivePolicy.TransportFailureRate, ReactivationPeriod = Reactivation },
            AvailableDestinationsPolicy = HealthCheckConstants.AvailableDestinations.HealthyOrPanic,
        },
        HttpRequest = new ForwarderRequestConfig
        {
            ActivityTimeout = service == Segments ? options.ActivityTimeout + LongPoll : options.ActivityTimeout,
            Version = System.Net.HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        },
    })];
}

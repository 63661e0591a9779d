using System.Security.Cryptography;
using SegOps.Standalone.Processes;

namespace SegOps.Standalone.Parts;

/// <summary>The four services: each on a port of its own, all with the same settings, as any other host would give them.</summary>
internal sealed class Services
{
    /// <summary>Their names, in the order in which events pass them.</summary>
    public static readonly IReadOnlyList<string> Names = ["gateway", "ingestion", "ingestor", "monitoring"];

    private static readonly Dictionary<string, string> Projects = new()
    {
        ["gateway"] = "SegOps.Gateway",
        ["ingestion"] = "SegOps.Ingestion",
        ["ingestor"] = "SegOps.Ingestor",
        ["monitoring"] = "SegOps.Monitoring",
    };

    /// <summary>The variable that tells a service where a part is.</summary>
    private static readonly Dictionary<string, string> AddressVariables = new[] { "redis", "clickhouse", "pubsub" }
        .ToDictionary(server => server, server => $"ConnectionStrings__{server}")
        .Concat(Projects.ToDictionary(service => service.Key, service => $"services__{service.Key}__http__0"))
        .ToDictionary();

    private readonly LocalSystemOptions _options;
    private readonly Dictionary<string, string?> _environment;
    private readonly Dictionary<string, string> _urls;

    /// <summary>Chooses the ports and a new internal secret.</summary>
    public Services(string redis, string clickHouse, string pubSub, LocalSystemOptions options)
    {
        _options = options;
        _urls = Projects.Keys.ToDictionary(name => name, _ => $"http://127.0.0.1:{FreePort.Next()}");
        GatewayUrl = new Uri($"http://localhost:{(options.GatewayPort == 0 ? FreePort.Next() : options.GatewayPort)}");
        _urls["gateway"] = GatewayUrl.GetLeftPart(UriPartial.Authority);
        _environment = new Dictionary<string, string?>
        {
            // What a process that crashed had received comes back after this.
            ["PubSub__Subscriber__AckDeadline"] = options.PubSub is null ? "00:00:10" : null,
            ["PubSub__Subscriber__ExtendBefore"] = options.PubSub is null ? "00:00:05" : null,
            [AddressVariables["redis"]] = redis,
            [AddressVariables["clickhouse"]] = clickHouse,
            [AddressVariables["pubsub"]] = pubSub,
            ["PUBSUB_EMULATOR_HOST"] = null, // what somebody's shell still holds must not be mixed with the above
            ["Internal__Secret"] = RandomNumberGenerator.GetHexString(64, lowercase: true),
            ["Admin__Token"] = AdminToken,
        };
        foreach (var (name, value) in options.ServiceEnvironment)
            _environment[name] = value;
        foreach (var (name, url) in _urls)
            _environment[AddressVariables[name]] = url;
    }

    /// <summary>Where clients call.</summary>
    public Uri GatewayUrl { get; }

    /// <summary>Opens the admin API; made up anew at each start.</summary>
    public string AdminToken { get; } = RandomNumberGenerator.GetHexString(40, lowercase: true);

    /// <summary>Starts the service <paramref name="name"/> and waits until it is ready for work.</summary>
    public async Task<ServerProcess> StartAsync(string name, Action<string> onLine, CancellationToken cancellationToken)
    {
        var environment = new Dictionary<string, string?>(_environment)
        {
            ["OTEL_SERVICE_NAME"] = name,
            ["ASPNETCORE_URLS"] = _urls[name],
        };
        foreach (var (part, variable) in AddressVariables)
            if (environment[variable] is { } address)
                environment[variable] = _options.Reroute(name, part, address);
        var server = new ServerProcess(name, OwnProjects.Command(Projects[name], [], environment), HttpProbe.For(_urls[name] + "/health"), onLine);
        await server.StartAsync(cancellationToken);
        return server;
    }
}

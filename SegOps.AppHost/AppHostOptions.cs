using Microsoft.Extensions.Configuration;

namespace SegOps.AppHost;

/// <summary>
/// The app host's settings, in the configuration section <c>SegOps</c>. Sources: arguments (<c>--SegOps:Port=0</c>), environment variables
/// (<c>SegOps__Port=0</c>) and the short options of the command line (<c>--port 0</c>).
/// <para>
/// Aspire's settings also apply. <c>Parameters:internal-secret</c>, <c>Parameters:admin-token</c>, <c>Parameters:clickhouse-password</c> and
/// <c>Parameters:redis-password</c> replace generated secrets. <c>ConnectionStrings:redis</c>, <c>:clickhouse</c> and <c>:pubsub</c> replace
/// local servers.
/// </para>
/// <para>
/// A test starts each host with its own data folder and a free port:
/// <c>DistributedApplicationTestingBuilder.CreateAsync&lt;Projects.SegOps_AppHost&gt;(["--data", folder, "--port", "0"])</c>. It can call
/// <see cref="Resources.Services.RerouteExtensions.Reroute"/> on the builder. The resources are redis, clickhouse, pubsub, gateway, ingestion,
/// ingestor, segments and monitoring. Each service has one endpoint, http.
/// </para>
/// </summary>
public sealed class AppHostOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "SegOps";

    internal const int DefaultPort = 8_080;

    /// <summary>The data folder (<c>--data DIR</c>), used by one run at a time. Default: <c>.segops</c> in the root of the checkout.</summary>
    public string? Data { get; set; }

    /// <summary>The gateway's port on localhost (<c>--port N</c>); 0 selects a free one. Default: 8080, or a free one under Aspire.Hosting.Testing.</summary>
    public int? Port { get; set; }

    /// <summary>Whether to delete the stored data before the start (<c>--fresh</c>).</summary>
    public bool Fresh { get; set; }

    /// <summary>Whether Redis, ClickHouse and Pub/Sub run as containers (<c>--containers</c>). Default: only without a build of the embedded ClickHouse.</summary>
    public bool? Containers { get; set; }

    /// <summary>The Redis-compatible server to start locally. Default: redis-server if it is on PATH, else Garnet.</summary>
    public RedisKind Redis { get; set; }

    /// <summary>Maximum heap of the local Pub/Sub emulator, in MB. Default: 2,048, enough for about 1,400,000 messages of one event each.</summary>
    public int EmulatorHeapMegabytes { get; set; } = 2_048;

    /// <summary>
    /// Instances of each service in a local run. Default 1. Tests run several; the second one's resources are named gateway-2, ingestion-2 and so on.
    /// </summary>
    public int Instances { get; set; } = 1;

    /// <summary>Whether to restart crashed parts, with backoff. Tests that kill and restart parts themselves turn it off.</summary>
    public bool Restarts { get; set; } = true;

    /// <summary>Whether a publication includes Aspire's dashboard, reachable from its own machine only.</summary>
    public bool PublishDashboard { get; set; }

    /// <summary>Environment variables for all services, such as <c>--SegOps:Environment:Canary__Enabled=false</c>. They override the app host's.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>The gateway's port; null for a free one.</summary>
    internal int? GatewayPort(IDistributedApplicationBuilder builder) => Port switch
    {
        0 => null,
        null => builder.Configuration.GetValue<bool>("DcpPublisher:RandomizePorts") ? null : DefaultPort,
        var port => port,
    };

    /// <summary>Binds the section <see cref="Section"/>.</summary>
    public static AppHostOptions From(IConfiguration configuration)
    {
        var options = new AppHostOptions();
        configuration.GetSection(Section).Bind(options);
        return options;
    }
}

/// <summary>The Redis-compatible server to start.</summary>
public enum RedisKind
{
    /// <summary>redis-server if it is on PATH, else Garnet.</summary>
    Any,

    /// <summary>The embedded Microsoft.Garnet.</summary>
    Garnet,
}

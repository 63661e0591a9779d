using Microsoft.Extensions.Configuration;

namespace SegOps.AppHost;

/// <summary>
/// What an app host can be told, in the configuration section <c>SegOps</c>: by arguments (<c>--SegOps:Port=0</c>), environment variables
/// (<c>SegOps__Port=0</c>) or the short options of the command line (<c>--port 0</c>).
/// <para>
/// Beside it, Aspire's own: <c>Parameters:internal-secret</c>, <c>Parameters:admin-token</c>, <c>Parameters:clickhouse-password</c> and
/// <c>Parameters:redis-password</c> in place of the secrets that are made up, and <c>ConnectionStrings:redis</c>, <c>:clickhouse</c> or
/// <c>:pubsub</c> in place of the part that would be started.
/// </para>
/// <para>
/// A test gives each host a data folder of its own and any free port:
/// <c>DistributedApplicationTestingBuilder.CreateAsync&lt;Projects.SegOps_AppHost&gt;(["--data", folder, "--port", "0"])</c>. On the builder that it
/// gets it may call <see cref="Resources.Services.RerouteExtensions.Reroute"/>. The resources are called redis, clickhouse, pubsub, gateway,
/// ingestion, ingestor and monitoring; each service has one endpoint, http.
/// </para>
/// </summary>
public sealed class AppHostOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "SegOps";

    internal const int DefaultPort = 8_080;

    /// <summary>The folder that outlives a run (<c>--data DIR</c>). By default <c>.segops</c> in the root of the checkout; one run at a time uses it.</summary>
    public string? Data { get; set; }

    /// <summary>The gateway's port on localhost (<c>--port N</c>): 0 for a free one. By default 8080, and under Aspire.Hosting.Testing a free one.</summary>
    public int? Port { get; set; }

    /// <summary>Empty the data folder before the start (<c>--fresh</c>).</summary>
    public bool Fresh { get; set; }

    /// <summary>Redis, ClickHouse and Pub/Sub as containers (<c>--containers</c>). By default only where the embedded ClickHouse has no build.</summary>
    public bool? Containers { get; set; }

    /// <summary>Which Redis-compatible server to start locally. By default redis-server when on PATH, else Garnet.</summary>
    public RedisKind Redis { get; set; }

    /// <summary>Most memory that the local Pub/Sub emulator's heap takes. By default room for about 1,400,000 messages of one event each.</summary>
    public int EmulatorHeapMegabytes { get; set; } = 2_048;

    /// <summary>Start what crashed again, with backoff. Tests that kill parts and start them by Aspire's commands turn it off.</summary>
    public bool Restarts { get; set; } = true;

    /// <summary>Whether a publication has Aspire's dashboard, reachable from its own machine only.</summary>
    public bool PublishDashboard { get; set; }

    /// <summary>Variables for the services, such as <c>--SegOps:Environment:Canary__Enabled=false</c>. They win over those of the app host.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>The gateway's port; null for a free one.</summary>
    internal int? GatewayPort(IDistributedApplicationBuilder builder) => Port switch
    {
        0 => null,
        null => builder.Configuration.GetValue<bool>("DcpPublisher:RandomizePorts") ? null : DefaultPort,
        var port => port,
    };

    /// <summary>Reads the section.</summary>
    public static AppHostOptions From(IConfiguration configuration)
    {
        var options = new AppHostOptions();
        configuration.GetSection(Section).Bind(options);
        return options;
    }
}

/// <summary>Which Redis-compatible server to start.</summary>
public enum RedisKind
{
    /// <summary>redis-server when on PATH, else Garnet.</summary>
    Any,

    /// <summary>The embedded Microsoft.Garnet.</summary>
    Garnet,
}

using SegOps.AppHost;

namespace SegOps.Bench.Running;

/// <summary>Options of a <see cref="LocalSystem"/>.</summary>
internal sealed record LocalSystemOptions
{
    /// <summary>Folder for the data of Redis and ClickHouse. Only one system at a time may use it.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>The Redis-compatible server to start.</summary>
    public RedisKind RedisKind { get; init; } = RedisKind.Any;

    /// <summary>Instances of each service.</summary>
    public int Instances { get; init; } = 1;

    /// <summary>Limit of the emulator's heap, in megabytes. Null: the app host's default.</summary>
    public int? PubSubHeapMegabytes { get; init; }

    /// <summary>Environment variables of the four services, such as OTEL_EXPORTER_OTLP_ENDPOINT.</summary>
    public IReadOnlyDictionary<string, string> ServiceEnvironment { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Receives the name of a service, and the name and the URL or connection string of a part that it calls. Returns the address for the
    /// service, such as that of a proxy.
    /// </summary>
    public Func<string, string, string, string>? Reroute { get; init; }

    /// <summary>Receives a part's name and a line of its output. May be called concurrently.</summary>
    public Action<string, string>? OnLine { get; init; }

    /// <summary>Receives a part's name and a description of its end or restart.</summary>
    public Action<string, string>? OnIncident { get; init; }
}

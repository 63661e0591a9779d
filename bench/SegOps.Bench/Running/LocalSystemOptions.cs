using SegOps.AppHost;

namespace SegOps.Bench.Running;

/// <summary>What a <see cref="LocalSystem"/> is started with.</summary>
internal sealed record LocalSystemOptions
{
    /// <summary>Holds what Redis and ClickHouse store; one system at a time may use it.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Which Redis-compatible server to start.</summary>
    public RedisKind RedisKind { get; init; } = RedisKind.Any;

    /// <summary>Most memory that the emulator's heap takes, in megabytes; null for the app host's own choice.</summary>
    public int? PubSubHeapMegabytes { get; init; }

    /// <summary>Variables for the four services, such as OTEL_EXPORTER_OTLP_ENDPOINT.</summary>
    public IReadOnlyDictionary<string, string> ServiceEnvironment { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Gets a service's name, the name of a part that it calls, and the URL or connection string of that part; returns what the service is
    /// told instead, such as the address of a proxy.
    /// </summary>
    public Func<string, string, string, string>? Reroute { get; init; }

    /// <summary>Gets a part's name and a line that it printed, possibly concurrently.</summary>
    public Action<string, string>? OnLine { get; init; }

    /// <summary>Gets a part's name and a sentence about it: that it ended, or runs again.</summary>
    public Action<string, string>? OnIncident { get; init; }
}

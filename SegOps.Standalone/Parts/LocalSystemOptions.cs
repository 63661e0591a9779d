namespace SegOps.Standalone.Parts;

/// <summary>What a <see cref="LocalSystem"/> is started with.</summary>
internal sealed record LocalSystemOptions
{
    /// <summary>Holds what Redis and ClickHouse store; one system at a time may use it.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>The gateway's port; 0 for a free one.</summary>
    public int GatewayPort { get; init; }

    /// <summary>Connection string of a Redis to use instead of an own one.</summary>
    public string? Redis { get; init; }

    /// <summary>Connection string of a ClickHouse to use instead of an own one.</summary>
    public string? ClickHouse { get; init; }

    /// <summary>Connection string of a Pub/Sub to use instead of an own emulator.</summary>
    public string? PubSub { get; init; }

    /// <summary>Most memory that the own emulator's heap takes, in megabytes.</summary>
    public int PubSubHeapMegabytes { get; init; } = PubSubEmulator.DefaultHeapMegabytes;

    /// <summary>Which Redis-compatible server to start.</summary>
    public RedisKind RedisKind { get; init; } = RedisKind.Any;

    /// <summary>Variables for the four services, such as OTEL_EXPORTER_OTLP_ENDPOINT.</summary>
    public IReadOnlyDictionary<string, string?> ServiceEnvironment { get; init; } = new Dictionary<string, string?>();

    /// <summary>
    /// Gets a service's name, the name of a part that it calls, and the URL or connection string of that part; returns what the service is
    /// told instead, such as the address of a proxy.
    /// </summary>
    public Func<string, string, string, string> Reroute { get; init; } = (_, _, address) => address;

    /// <summary>Gets a part's name and a line that it printed, possibly concurrently.</summary>
    public Action<string, string> OnLine { get; init; } = (_, _) => { };

    /// <summary>Gets a part's name and a line about what makes its start take long: a download.</summary>
    public Action<string, string> OnProgress { get; init; } = (_, _) => { };

    /// <summary>Gets a part's name and the id of its process, at each of its starts.</summary>
    public Action<string, int> OnProcess { get; init; } = (_, _) => { };

    /// <summary>Gets a part's name and how long it took until it answered.</summary>
    public Action<string, TimeSpan> OnReady { get; init; } = (_, _) => { };

    /// <summary>Gets a part's name and a sentence about it: that it ended, or answers again.</summary>
    public Action<string, string> OnIncident { get; init; } = (_, _) => { };
}

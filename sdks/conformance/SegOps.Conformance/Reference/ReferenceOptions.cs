using System.Text.Json.Nodes;

namespace SegOps.Conformance.Reference;

/// <summary>The options of the protocol, with the defaults of a server's SDK.</summary>
internal sealed class ReferenceOptions
{
    public ReferenceOptions(JsonObject given)
    {
        ApiUrl = new Uri((string)given["apiUrl"]!);
        ApiKey = (string)given["apiKey"]!;
        FlushAt = (int?)given["flushAt"] ?? 100;
        FlushInterval = Milliseconds(given["flushIntervalMs"], 5_000);
        MaxBatchBytes = (int?)given["maxBatchBytes"] ?? 2 * 1024 * 1024;
        MaxQueueEvents = (int?)given["maxQueueEvents"] ?? 10_000;
        MaxQueueBytes = (int?)given["maxQueueBytes"] ?? 32 * 1024 * 1024;
        RequestTimeout = Milliseconds(given["requestTimeoutMs"], 15_000);
        BackoffBase = Milliseconds(given["backoffBaseMs"], 1_000);
        BackoffMax = Milliseconds(given["backoffMaxMs"], 60_000);
        MaxEventAge = Milliseconds(given["maxEventAgeMs"], 24 * 3_600_000);
        Gzip = (bool?)given["gzip"] ?? true;
        Enabled = (bool?)given["enabled"] ?? true;
        QuotaProbe = Milliseconds(given["probeIntervalMs"], 15 * 60_000);
        ConfigurationProbe = Milliseconds(given["probeIntervalMs"], 5 * 60_000);
        ByteLimit = Milliseconds(given["byteLimitMs"], 10 * 60_000);
        PersistenceDirectory = (string?)given["persistenceDirectory"];
        ThrowingSends = (int?)given["throwingTransport"] ?? 0;
        if (ApiUrl.Scheme is not ("http" or "https") || ApiKey.Length == 0)
            throw new ArgumentException("apiUrl or apiKey is not valid.");
        if (ApiUrl.Scheme != "https" && !ApiUrl.IsLoopback && (bool?)given["allowInsecure"] != true)
            throw new ArgumentException("apiUrl is http:// and not on this machine. Set allowInsecure to send without TLS.");
    }

    public Uri ApiUrl { get; }

    public string ApiKey { get; }

    public int FlushAt { get; }

    public TimeSpan FlushInterval { get; }

    public int MaxBatchBytes { get; }

    public int MaxQueueEvents { get; }

    public int MaxQueueBytes { get; }

    public TimeSpan RequestTimeout { get; }

    public TimeSpan BackoffBase { get; }

    public TimeSpan BackoffMax { get; }

    public TimeSpan MaxEventAge { get; }

    public bool Gzip { get; }

    public bool Enabled { get; }

    public TimeSpan QuotaProbe { get; }

    public TimeSpan ConfigurationProbe { get; }

    public TimeSpan ByteLimit { get; }

    public string? PersistenceDirectory { get; }

    public int ThrowingSends { get; }

    private static TimeSpan Milliseconds(JsonNode? value, int otherwise) => TimeSpan.FromMilliseconds((double?)value ?? otherwise);
}

using System.Diagnostics.Metrics;

namespace SegOps.Gateway.Keys;

/// <summary>Instruments of authentication. Nothing in them names a key or a project.</summary>
internal sealed class KeyMetrics
{
    internal const string MeterName = "SegOps.Gateway";
    internal const string Memory = "memory";
    internal const string Store = "store";
    internal const string Stale = "stale";
    internal const string Unavailable = "unavailable";

    private readonly Counter<long> _authentications;
    private readonly Counter<long> _lookups;

    public KeyMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _authentications = meter.CreateCounter<long>(
            "segops.gateway.authentications", "{request}", "Requests to the API, by outcome: accepted or the code they were refused with.");
        _lookups = meter.CreateCounter<long>(
            "segops.gateway.key_lookups", "{lookup}", "Where keys' states came from: memory, store, stale (memory, because Redis is away) or unavailable.");
    }

    /// <summary>Counts one request.</summary>
    internal void Authenticated(string? refusal) => _authentications.Add(1, new KeyValuePair<string, object?>("outcome", refusal ?? "accepted"));

    /// <summary>Counts one lookup of a well-formed key.</summary>
    internal void Looked(string source) => _lookups.Add(1, new KeyValuePair<string, object?>("source", source));
}

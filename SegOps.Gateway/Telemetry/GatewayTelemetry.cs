using System.Diagnostics.Metrics;

namespace SegOps.Gateway.Telemetry;

/// <summary>The gateway's instruments. Tags contain neither keys nor projects.</summary>
internal sealed class GatewayTelemetry
{
    internal const string MeterName = "SegOps.Gateway";

    /// <summary>Sources of a key's state.</summary>
    internal const string Memory = "memory", Store = "store", Stale = "stale", Unavailable = "unavailable";

    /// <summary>The stores that count calls.</summary>
    internal const string Redis = "redis", Local = "local";

    private readonly Counter<long> _authentications;
    private readonly Counter<long> _lookups;
    private readonly Counter<long> _calls;
    private readonly Counter<long> _refusedConnections;
    private readonly Counter<long> _ignoredForwardedFor;
    private readonly Counter<long> _failovers;

    public GatewayTelemetry(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _authentications = meter.CreateCounter<long>(
            "segops.gateway.authentications", "{request}", "Requests to the API, by outcome: accepted, or the code of the refusal.");
        _lookups = meter.CreateCounter<long>(
            "segops.gateway.key_lookups", "{lookup}", "Source of keys' states: memory, store, stale (memory, while Redis is unavailable) or unavailable.");
        _calls = meter.CreateCounter<long>(
            "segops.gateway.limited_calls", "{call}", "Calls counted against a project's limits, by outcome and by where: redis, or local while it is unavailable.");
        _refusedConnections = meter.CreateCounter<long>(
            "segops.gateway.refused_connections", "{connection}", "Connections closed because their address had too many open.");
        _ignoredForwardedFor = meter.CreateCounter<long>(
            "segops.gateway.ignored_forwarded_for", "{request}", "Requests whose X-Forwarded-For was ignored, because their peer is not a trusted proxy.");
        _failovers = meter.CreateCounter<long>(
            "segops.gateway.failovers", "{request}", "Requests repeated at another instance, by service.");
    }

    /// <summary>Counts a request that is repeated at another instance of <paramref name="service"/>.</summary>
    internal void FailedOver(string service) => _failovers.Add(1, new KeyValuePair<string, object?>("service", service));

    /// <summary>Counts a request whose X-Forwarded-For was ignored.</summary>
    internal void IgnoredForwardedFor() => _ignoredForwardedFor.Add(1);

    /// <summary>Counts a request: accepted, or refused with the code <paramref name="refusal"/>.</summary>
    internal void Authenticated(string? refusal) => _authentications.Add(1, new KeyValuePair<string, object?>("outcome", refusal ?? "accepted"));

    /// <summary>Counts a lookup of a well-formed key.</summary>
    internal void LookedUp(string source) => _lookups.Add(1, new KeyValuePair<string, object?>("source", source));

    /// <summary>Counts a call: allowed, or refused with the code <paramref name="refusal"/>.</summary>
    internal void Limited(string? refusal, string source) => _calls.Add(
        1, new KeyValuePair<string, object?>("outcome", refusal ?? "allowed"), new("source", source));

    /// <summary>Counts a connection that was closed.</summary>
    internal void RefusedConnection() => _refusedConnections.Add(1);
}

using System.Diagnostics.Metrics;
using SegOps.Gateway.Keys;

namespace SegOps.Gateway.Limits;

/// <summary>Instruments of the limits. Nothing in them names a project.</summary>
internal sealed class LimitMetrics
{
    internal const string Redis = "redis";
    internal const string Local = "local";

    private readonly Counter<long> _calls;

    public LimitMetrics(IMeterFactory meters) => _calls = meters.Create(KeyMetrics.MeterName).CreateCounter<long>(
        "segops.gateway.limited_calls", "{call}", "Calls counted against a project's limits, by outcome and by who counted: redis, or local while it is away.");

    /// <summary>Counts one call: let through, or refused with the code <paramref name="refusal"/>.</summary>
    internal void Decided(string? refusal, string source) => _calls.Add(
        1, new KeyValuePair<string, object?>("outcome", refusal ?? "allowed"), new("source", source));
}

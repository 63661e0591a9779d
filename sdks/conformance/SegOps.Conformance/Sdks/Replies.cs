using System.Text.Json;

namespace SegOps.Conformance.Sdks;

/// <summary>The reply to <c>track</c>.</summary>
/// <param name="Ids">The event ids in the order of the calls; null where a call returned none.</param>
/// <param name="LongestCall">How long the longest call took.</param>
internal sealed record Tracked(IReadOnlyList<string?> Ids, TimeSpan LongestCall);

/// <summary>The reply to <c>flush</c> and <c>shutdown</c>.</summary>
internal sealed record Outcome(long Accepted, long Rejected, long Dropped, long Remaining, TimeSpan Elapsed)
{
    public static Outcome Of(JsonElement reply) => new(
        reply.Number("accepted"), reply.Number("rejected"), reply.Number("dropped"), reply.Number("remaining"),
        TimeSpan.FromMilliseconds(reply.GetProperty("elapsed_ms").GetDouble()));
}

/// <summary>The reply to <c>stats</c>.</summary>
internal sealed record Stats(
    long Tracked, long Accepted, long Rejected, long Dropped, long Queued, long InFlight, IReadOnlyDictionary<string, long> Drops)
{
    public long Undecided => Queued + InFlight;

    private string? Fault =>
        Tracked != Accepted + Rejected + Dropped + Queued + InFlight ? $"stats() does not add up: {this}"
        : Dropped != Drops.Where(drop => drop.Key != "rejected").Sum(drop => drop.Value) ? $"The drops by reason do not add up to dropped: {this}"
        : Drops.GetValueOrDefault("rejected", Rejected) != Rejected ? $"The drops with the reason rejected are not those of rejected: {this}"
        : null;

    /// <exception cref="ConformanceException">They break rule 19.</exception>
    public static Stats Of(JsonElement json)
    {
        var stats = new Stats(
            json.Number("tracked"), json.Number("accepted"), json.Number("rejected"), json.Number("dropped"), json.Number("queued"), json.Number("in_flight"),
            json.GetProperty("drops") is { ValueKind: JsonValueKind.Object } drops
                ? drops.EnumerateObject().ToDictionary(drop => drop.Name, drop => drop.Value.GetInt64())
                : []);
        return stats.Fault is { } fault ? throw new ConformanceException(fault) : stats;
    }

    public override string ToString() =>
        $"tracked {Tracked}, accepted {Accepted}, rejected {Rejected}, dropped {Dropped}, queued {Queued}, in flight {InFlight}, " +
        $"drops {{{string.Join(", ", Drops.Select(drop => $"{drop.Key}: {drop.Value}"))}}}";
}

internal static class JsonElementExtensions
{
    /// <summary>The string member; null if it is absent or another type.</summary>
    public static string? Text(this JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public static long Number(this JsonElement json, string name) => json.TryGetProperty(name, out var value)
        ? value.GetInt64()
        : throw new ConformanceException($"{name} is missing: {Transcript.Shortened(json.ToString())}");
}

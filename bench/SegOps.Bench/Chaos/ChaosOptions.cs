namespace SegOps.Bench.Chaos;

/// <summary>What a run is started with.</summary>
internal sealed record ChaosOptions
{
    /// <summary>How long faults are injected.</summary>
    internal required TimeSpan Length { get; init; }

    /// <summary>Decides which faults come when, and what is sent.</summary>
    internal required int Seed { get; init; }

    /// <summary>Part of the names of the faults that are injected, such as <c>ingestor-pubsub</c> or <c>Kill ingestor</c>; empty for all.</summary>
    internal string Only { get; init; } = "";

    /// <summary>Gets a part's name and a line that it printed, possibly concurrently.</summary>
    internal Action<string, string> OnLine { get; init; } = (_, _) => { };
}

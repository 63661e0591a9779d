namespace SegOps.Bench.Chaos;

/// <summary>Options of a chaos run.</summary>
internal sealed record ChaosOptions
{
    /// <summary>How long faults are injected.</summary>
    internal required TimeSpan Length { get; init; }

    /// <summary>Seed of the fault plan and of the events sent.</summary>
    internal required int Seed { get; init; }

    /// <summary>Injects only faults whose name contains this, such as <c>ingestor-pubsub</c> or <c>Kill ingestor</c>. Empty: all.</summary>
    internal string Only { get; init; } = "";

    /// <summary>Receives a part's name and a line of its output. May be called concurrently.</summary>
    internal Action<string, string> OnLine { get; init; } = (_, _) => { };
}

namespace SegOps.Bench.Pipeline;

/// <summary>How long everything is measured.</summary>
internal sealed record PipelineOptions
{
    /// <summary>Below this, <see cref="Of"/> gives the short form.</summary>
    private static readonly TimeSpan ShortBelow = TimeSpan.FromSeconds(10);

    /// <summary>The run at the maximum.</summary>
    internal TimeSpan Sustained { get; private init; }

    /// <summary>What compiles code and fills caches, and is discarded.</summary>
    internal TimeSpan WarmUp { get; private init; } = TimeSpan.FromSeconds(5);

    /// <summary>As many requests as are answered, for a first estimate of the maximum.</summary>
    internal TimeSpan Estimate { get; private init; } = TimeSpan.FromSeconds(5);

    /// <summary>One try of a rate.</summary>
    internal TimeSpan Step { get; private init; } = TimeSpan.FromSeconds(8);

    /// <summary>How often the range of rates is halved.</summary>
    internal int Steps { get; private init; } = 4;

    /// <summary>At each fraction of the maximum.</summary>
    internal TimeSpan Freshness { get; private init; } = TimeSpan.FromSeconds(20);

    /// <summary>For each size of batches.</summary>
    internal TimeSpan Size { get; private init; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether small rates are taken for the maximum instead of looking for it: the output is right, the figures say nothing.</summary>
    internal bool IsShort { get; private init; }

    /// <summary>With a run at the maximum of <paramref name="sustained"/>; below ten seconds everything is short.</summary>
    internal static PipelineOptions Of(TimeSpan sustained) => sustained >= ShortBelow ? new() { Sustained = sustained } : new()
    {
        IsShort = true,
        Sustained = sustained / 3,
        WarmUp = sustained / 8,
        Freshness = sustained / 8,
        Size = sustained / 8,
    };

    /// <summary>The rate that the short form takes for the maximum, in events a second.</summary>
    internal static double ShortRate(LoadKind kind) => Math.Min(200 * kind.Events, 10_000);
}

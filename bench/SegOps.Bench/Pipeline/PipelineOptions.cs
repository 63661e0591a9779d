namespace SegOps.Bench.Pipeline;

/// <summary>How long everything is measured.</summary>
internal sealed record PipelineOptions
{
    /// <summary>Below this, <see cref="Of"/> gives the short form.</summary>
    internal const int ShortBelowSeconds = 10;

    /// <summary>The run at the maximum; from this length on, the rest is as long as it is written here.</summary>
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(60);

    /// <summary>The run at the maximum.</summary>
    internal TimeSpan Sustained { get; private init; } = Usual;

    /// <summary>What compiles code and fills caches, and is discarded.</summary>
    internal TimeSpan WarmUp { get; private init; } = TimeSpan.FromSeconds(5);

    /// <summary>As many requests as are answered, for a first estimate of the maximum.</summary>
    internal TimeSpan Estimate { get; private init; } = TimeSpan.FromSeconds(5);

    /// <summary>One try of a rate.</summary>
    internal TimeSpan Step { get; private init; } = TimeSpan.FromSeconds(8);

    /// <summary>How often the range of rates is halved at last.</summary>
    internal int Steps { get; private init; } = 3;

    /// <summary>At each fraction of the maximum.</summary>
    internal TimeSpan Freshness { get; private init; } = TimeSpan.FromSeconds(20);

    /// <summary>For each size of batches.</summary>
    internal TimeSpan Size { get; private init; } = TimeSpan.FromSeconds(5);

    /// <summary>Events that the baseline stores.</summary>
    internal long BaselineEvents => IsShort ? 5_000 : 2_000_000;

    /// <summary>Whether small rates are taken for the maximum instead of looking for it: the output is right, the figures say nothing.</summary>
    internal bool IsShort { get; private init; }

    /// <summary>With a run at the maximum of <paramref name="sustained"/>; below a minute the rest is shorter too.</summary>
    internal static PipelineOptions Of(TimeSpan sustained)
    {
        var isShort = sustained.TotalSeconds < ShortBelowSeconds;
        var scale = isShort ? sustained / Usual / 2 : Math.Clamp(sustained / Usual, 0.25, 1);
        var usual = new PipelineOptions();
        return usual with
        {
            IsShort = isShort,
            Sustained = isShort ? sustained / 3 : sustained,
            WarmUp = usual.WarmUp * scale,
            Estimate = usual.Estimate * scale,
            Step = usual.Step * scale,
            Freshness = usual.Freshness * scale,
            Size = usual.Size * scale,
        };
    }

    /// <summary>The rate that the short form takes for the maximum, in events a second.</summary>
    internal static double ShortRate(LoadKind kind) => Math.Min(200 * kind.Events, 10_000);
}

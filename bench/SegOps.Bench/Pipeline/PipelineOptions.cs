namespace SegOps.Bench.Pipeline;

/// <summary>Durations of the pipeline experiment.</summary>
internal sealed record PipelineOptions
{
    /// <summary>Below this, <see cref="Of"/> returns the short form.</summary>
    internal const int ShortBelowSeconds = 10;

    /// <summary>Length of the run at the maximum from which all other durations have their defaults.</summary>
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(60);

    /// <summary>Length of the run at the maximum.</summary>
    internal TimeSpan Sustained { get; private init; } = Usual;

    /// <summary>Length of the warm-up, which is not measured.</summary>
    internal TimeSpan WarmUp { get; private init; } = TimeSpan.FromSeconds(5);

    /// <summary>Length of the run that estimates the maximum.</summary>
    internal TimeSpan Estimate { get; private init; } = TimeSpan.FromSeconds(5);

    /// <summary>Length of one step of the search.</summary>
    internal TimeSpan Step { get; private init; } = TimeSpan.FromSeconds(8);

    /// <summary>Number of bisections at the end of the search.</summary>
    internal int Steps { get; private init; } = 3;

    /// <summary>Length of the run at each fraction of the maximum.</summary>
    internal TimeSpan Freshness { get; private init; } = TimeSpan.FromSeconds(20);

    /// <summary>Length of the run for each request size.</summary>
    internal TimeSpan Size { get; private init; } = TimeSpan.FromSeconds(5);

    /// <summary>Events stored by the baseline.</summary>
    internal long BaselineEvents => IsShort ? 5_000 : 2_000_000;

    /// <summary>Whether small rates replace the search for the maximum. The figures then mean nothing.</summary>
    internal bool IsShort { get; private init; }

    /// <summary>Creates options for a run of <paramref name="sustained"/> at the maximum. Below a minute, all durations are shorter.</summary>
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

    /// <summary>The rate of the short form, in events a second.</summary>
    internal static double ShortRate(LoadKind kind) => Math.Min(200 * kind.Events, 10_000);
}

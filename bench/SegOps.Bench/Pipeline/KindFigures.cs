namespace SegOps.Bench.Pipeline;

/// <summary>Results for one kind of request.</summary>
/// <param name="Kind">The kind of request.</param>
/// <param name="Sustained">The run at the maximum.</param>
/// <param name="Freshness">Freshness at fractions of the maximum.</param>
internal sealed record KindFigures(LoadKind Kind, PipelineRun Sustained, IReadOnlyList<FreshnessFigures> Freshness);

/// <summary>Freshness under a load.</summary>
/// <param name="Fraction">Rate of the load as a fraction of the maximum.</param>
/// <param name="Run">The load.</param>
/// <param name="Freshness">Freshness of the probes.</param>
internal sealed record FreshnessFigures(double Fraction, PipelineRun Run, Freshness Freshness);

/// <summary>Cost of an event in requests of one size.</summary>
/// <param name="Kind">The size.</param>
/// <param name="Answered">Events a second if requests are sent as fast as they are answered.</param>
/// <param name="Run">The run at half that rate.</param>
internal sealed record SizeFigures(LoadKind Kind, double Answered, PipelineRun Run);

/// <summary>All results.</summary>
/// <param name="Kinds">Each kind of request at its maximum and below.</param>
/// <param name="Sizes">Cost by request size.</param>
/// <param name="Totals">Totals of all systems.</param>
/// <param name="Baseline">Events a second of <see cref="Write.StorageBaseline"/>, the median of all systems.</param>
internal sealed record PipelineFigures(IReadOnlyList<KindFigures> Kinds, IReadOnlyList<SizeFigures> Sizes, RigTotals Totals, double Baseline);

/// <summary>The checks of correctness.</summary>
/// <param name="Stored">Accepted and stored events.</param>
/// <param name="Refused">Answers other than 202.</param>
/// <param name="IsEachProbeFound">Whether all freshness probes were stored in time.</param>
internal sealed record RigTotals(Stored Stored, long Refused, bool IsEachProbeFound)
{
    /// <summary>Adds the totals of two systems.</summary>
    public static RigTotals operator +(RigTotals one, RigTotals other) => new(
        new Stored(one.Stored.Accepted + other.Stored.Accepted, one.Stored.Events + other.Stored.Events, one.Stored.Rows + other.Stored.Rows),
        one.Refused + other.Refused, one.IsEachProbeFound && other.IsEachProbeFound);
}

namespace SegOps.Bench.Pipeline;

/// <summary>What was measured of one kind of requests.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Sustained">The run at the maximum.</param>
/// <param name="Freshness">At fractions of the maximum.</param>
internal sealed record KindFigures(LoadKind Kind, PipelineRun Sustained, IReadOnlyList<FreshnessFigures> Freshness);

/// <summary>How fresh events are under a load.</summary>
/// <param name="Fraction">Of the maximum.</param>
/// <param name="Run">The load.</param>
/// <param name="Freshness">Of the probes among it.</param>
internal sealed record FreshnessFigures(double Fraction, PipelineRun Run, Freshness Freshness);

/// <summary>What events cost in requests of one size.</summary>
/// <param name="Kind">The size.</param>
/// <param name="Answered">Events a second when as many requests are sent as are answered.</param>
/// <param name="Run">At half of that.</param>
internal sealed record SizeFigures(LoadKind Kind, double Answered, PipelineRun Run);

/// <summary>All that was measured.</summary>
/// <param name="Kinds">Each at its maximum and below.</param>
/// <param name="Sizes">Requests of several sizes.</param>
/// <param name="Totals">Of everything that was sent.</param>
/// <param name="Baseline">Events a second of <see cref="Write.StorageBaseline"/>, the median of all systems.</param>
internal sealed record PipelineFigures(IReadOnlyList<KindFigures> Kinds, IReadOnlyList<SizeFigures> Sizes, RigTotals Totals, double Baseline);

/// <summary>What has to be right, however fast it was.</summary>
/// <param name="Stored">What was accepted beside what is stored.</param>
/// <param name="Refused">Answers other than 202.</param>
/// <param name="IsEachProbeFound">Whether all freshness probes came to be stored in time.</param>
internal sealed record RigTotals(Stored Stored, long Refused, bool IsEachProbeFound)
{
    /// <summary>Of two systems.</summary>
    public static RigTotals operator +(RigTotals one, RigTotals other) => new(
        new Stored(one.Stored.Accepted + other.Stored.Accepted, one.Stored.Events + other.Stored.Events, one.Stored.Rows + other.Stored.Rows),
        one.Refused + other.Refused, one.IsEachProbeFound && other.IsEachProbeFound);
}

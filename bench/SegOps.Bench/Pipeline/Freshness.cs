using SegOps.Bench.Reporting;

namespace SegOps.Bench.Pipeline;

/// <summary>How long events were not queryable after their 202.</summary>
/// <param name="Sent">Probes sent.</param>
/// <param name="Accepted">Probes that were answered by a 202.</param>
/// <param name="Milliseconds">Of each probe that came to be stored, in ascending order.</param>
/// <param name="BetweenQueries">Milliseconds between two looks, in ascending order: the resolution.</param>
internal sealed record Freshness(long Sent, long Accepted, IReadOnlyList<double> Milliseconds, IReadOnlyList<double> BetweenQueries)
{
    /// <summary>Half of the times between two looks are shorter.</summary>
    internal double Resolution => Statistics.Percentile(BetweenQueries, 0.5);

    /// <summary>Milliseconds that a fraction of the probes did not exceed.</summary>
    internal double Percentile(double fraction) => Statistics.Percentile(Milliseconds, fraction);
}

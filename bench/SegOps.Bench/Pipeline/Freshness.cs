using SegOps.Bench.Reporting;

namespace SegOps.Bench.Pipeline;

/// <summary>Times from events' 202 until a query returned them.</summary>
/// <param name="Sent">Probes sent.</param>
/// <param name="Accepted">Probes answered by 202.</param>
/// <param name="Milliseconds">Freshness of each stored probe, in ascending order.</param>
/// <param name="BetweenQueries">Milliseconds between two queries, in ascending order.</param>
internal sealed record Freshness(long Sent, long Accepted, IReadOnlyList<double> Milliseconds, IReadOnlyList<double> BetweenQueries)
{
    /// <summary>The median time between two queries.</summary>
    internal double Resolution => Statistics.Percentile(BetweenQueries, 0.5);

    /// <summary>The freshness percentile in milliseconds.</summary>
    internal double Percentile(double fraction) => Statistics.Percentile(Milliseconds, fraction);
}

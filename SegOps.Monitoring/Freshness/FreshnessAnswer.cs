namespace SegOps.Monitoring.Freshness;

/// <summary>Body of <c>GET /api/monitoring/freshness</c>: how soon events can be queried, from just before a request was sent.</summary>
/// <param name="WindowSeconds">How far back the samples reach.</param>
/// <param name="Samples">How many there are.</param>
/// <param name="P50Ms">Half of them took no longer; null without samples, as are the others.</param>
/// <param name="P95Ms">95 of 100 took no longer.</param>
/// <param name="P99Ms">99 of 100 took no longer.</param>
/// <param name="LastAt">When a canary last became queryable; null when none has since Monitoring started.</param>
/// <param name="LagMs">Age of the oldest canary that was accepted and cannot be queried yet; 0 when there is none.</param>
internal sealed record FreshnessAnswer(
    int WindowSeconds, int Samples, double? P50Ms, double? P95Ms, double? P99Ms, DateTimeOffset? LastAt, double LagMs)
{
    internal static FreshnessAnswer Of(TimeSpan window, IEnumerable<double> milliseconds, DateTimeOffset? lastAt, TimeSpan lag)
    {
        double[] sorted = [.. milliseconds.Order()];
        return new(
            (int)window.TotalSeconds, sorted.Length, Percentile(sorted, 50), Percentile(sorted, 95), Percentile(sorted, 99), lastAt,
            Math.Round(lag.TotalMilliseconds, 1));
    }

    // By nearest rank: a figure that was really measured.
    private static double? Percentile(double[] sorted, int percent) =>
        sorted.Length == 0 ? null : Math.Round(sorted[((sorted.Length * percent) + 99) / 100 - 1], 1);
}

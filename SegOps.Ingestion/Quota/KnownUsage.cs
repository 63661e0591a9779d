using BitFaster.Caching.Lru;

namespace SegOps.Ingestion.Quota;

/// <summary>
/// The last known figure of each usage, of a project's live or test events, for outages of Redis. Bounded: the least used are evicted.
/// </summary>
internal sealed class KnownUsage
{
    /// <summary>Maximum number of usages, about 170 bytes each.</summary>
    private const int Capacity = 50_000;

    // A hit takes no lock. The first request of a usage takes one of as many locks as there are processors, the default.
    private readonly FastConcurrentLru<string, Figure> _usages = new(Capacity);

    /// <summary>Stores a figure of Redis.</summary>
    public void Learn(string usage, string period, long used)
    {
        var figure = Of(usage);
        lock (figure)
            (figure.Period, figure.Used, figure.IsLearnt) = (period, used, true);
    }

    /// <summary>Counts <paramref name="count"/> events against the last known figure, all or none; an unknown usage starts at 0.</summary>
    /// <returns>Whether they fit, and the new figure; null if Redis never returned one.</returns>
    public (bool Fits, long? Used) Take(string usage, string period, int count, long? limit)
    {
        var figure = Of(usage);
        lock (figure)
        {
            if (figure.Period != period)
                (figure.Period, figure.Used) = (period, 0);
            var fits = limit is null || figure.Used + count <= limit;
            if (fits)
                figure.Used += count;
            return (fits, figure.IsLearnt || !fits ? figure.Used : null);
        }
    }

    private Figure Of(string usage) => _usages.GetOrAdd(usage, static _ => new Figure());

    private sealed class Figure
    {
        public string Period { get; set; } = "";

        public long Used { get; set; }

        public bool IsLearnt { get; set; }
    }
}

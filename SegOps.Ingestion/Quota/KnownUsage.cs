using BitFaster.Caching.Lru;

namespace SegOps.Ingestion.Quota;

/// <summary>The last known monthly figure of each project, for outages of Redis. Bounded: the least used projects are evicted.</summary>
internal sealed class KnownUsage
{
    /// <summary>Maximum number of projects, about 170 bytes each.</summary>
    private const int Capacity = 50_000;

    // A hit takes no lock. A project's first request takes one of as many locks as there are processors, the default.
    private readonly FastConcurrentLru<string, Figure> _projects = new(Capacity);

    /// <summary>Stores a figure of Redis.</summary>
    public void Learn(string project, string month, long used)
    {
        var figure = Of(project);
        lock (figure)
            (figure.Month, figure.Used, figure.IsLearnt) = (month, used, true);
    }

    /// <summary>Counts <paramref name="count"/> events against the last known figure, all or none; an unknown project starts at 0.</summary>
    /// <returns>Whether they fit, and the new figure; null if Redis never returned one.</returns>
    public (bool Fits, long? Used) Take(string project, string month, int count, long? limit)
    {
        var figure = Of(project);
        lock (figure)
        {
            if (figure.Month != month)
                (figure.Month, figure.Used) = (month, 0);
            var fits = limit is null || figure.Used + count <= limit;
            if (fits)
                figure.Used += count;
            return (fits, figure.IsLearnt || !fits ? figure.Used : null);
        }
    }

    private Figure Of(string project) => _projects.GetOrAdd(project, static _ => new Figure());

    private sealed class Figure
    {
        public string Month { get; set; } = "";

        public long Used { get; set; }

        public bool IsLearnt { get; set; }
    }
}

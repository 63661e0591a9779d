using Microsoft.Extensions.Caching.Memory;

namespace SegOps.Ingestion.Quota;

/// <summary>The last monthly figure seen of each project, for while Redis is away: bounded, the least used make room.</summary>
internal sealed class KnownUsage : IDisposable
{
    /// <summary>Projects remembered, about 300 bytes each.</summary>
    private const int Capacity = 50_000;

    private static readonly MemoryCacheEntryOptions Entry = new() { Size = 1 };
    private readonly MemoryCache _projects = new(new MemoryCacheOptions { SizeLimit = Capacity });

    /// <summary>Remembers what Redis said.</summary>
    public void Learn(string project, string month, long used)
    {
        var figure = Of(project);
        lock (figure)
            (figure.Month, figure.Used, figure.IsLearnt) = (month, used, true);
    }

    /// <summary>Counts <paramref name="count"/> events against the last known figure, all or none; a project never seen starts at nothing.</summary>
    /// <returns>Whether they fit, and the figure after it, null when Redis never told it.</returns>
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

    /// <inheritdoc/>
    public void Dispose() => _projects.Dispose();

    private Figure Of(string project)
    {
        if (_projects.TryGetValue(project, out Figure? figure))
            return figure!;
        lock (_projects) // or two first requests would count in two figures
            return _projects.Get<Figure>(project) ?? _projects.Set(project, new Figure(), Entry);
    }

    private sealed class Figure
    {
        public string Month { get; set; } = "";

        public long Used { get; set; }

        public bool IsLearnt { get; set; }
    }
}

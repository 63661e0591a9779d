namespace SegOps.Segments.Membership;

/// <summary>Segments that could not be computed. Each is tried again after a pause that doubles, so that it does not hold up the others.</summary>
internal sealed class FailingSegments(TimeProvider clock, IEnumerable<FailingSegment> known)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan MaxPause = TimeSpan.FromMinutes(10);

    private readonly Dictionary<Guid, FailingSegment> _failing = known.ToDictionary(static failing => failing.Id);
    private readonly Lock _lock = new();

    /// <summary>All of them.</summary>
    internal IReadOnlyList<FailingSegment> All
    {
        get
        {
            lock (_lock)
                return [.. _failing.Values];
        }
    }

    /// <summary>Whether the members of a segment miss changes.</summary>
    internal bool IsStale(Guid id)
    {
        lock (_lock)
            return _failing.TryGetValue(id, out var failing) && failing.IsStale;
    }

    /// <summary>Whether a segment may be computed now.</summary>
    internal bool MayTry(CurrentSegment segment)
    {
        lock (_lock)
            return !_failing.TryGetValue(segment.Id, out var failing) || failing.Hash != segment.Hash || failing.RetryAt <= clock.GetUtcNow();
    }

    /// <summary>Records a failure.</summary>
    internal void Add(CurrentSegment segment, string reason, bool isStale)
    {
        var now = clock.GetUtcNow();
        lock (_lock)
        {
            var before = _failing.GetValueOrDefault(segment.Id) is { } known && known.Hash == segment.Hash ? known : new(segment.Id, reason, now, 0, now, segment.Hash, false);
            var pause = TimeSpan.FromTicks(Math.Min(MaxPause.Ticks, FirstPause.Ticks << Math.Min(before.Attempts, 10)));
            _failing[segment.Id] = before with { Reason = reason, Attempts = before.Attempts + 1, RetryAt = now + pause, IsStale = before.IsStale || isStale };
        }
    }

    /// <summary>Forgets a segment that was computed, or removed.</summary>
    internal void Remove(Guid id)
    {
        lock (_lock)
            _failing.Remove(id);
    }
}

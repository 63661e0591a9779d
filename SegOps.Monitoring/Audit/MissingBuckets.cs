namespace SegOps.Monitoring.Audit;

/// <summary>
/// The missing events of all projects, bucket by bucket. A bucket is checked when its minutes are complete, when it changes, and while events are
/// missing in it. So the work is in proportion to what is new. After a start all buckets of the last 24 hours are checked once.
/// </summary>
internal sealed class MissingBuckets(EventAuditQuery audit, TimeProvider clock)
{
    /// <summary>Maximum time of checking in one pass. Further buckets wait for the next pass; the newest are first.</summary>
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(5);

    private readonly SortedSet<DateTime> _toCheck = [];
    private readonly Dictionary<DateTime, List<MissingOfProject>> _missing = [];
    private DateTime? _checkedUntil;

    /// <summary>Checks what can have changed since the last call, for minutes before <paramref name="watermark"/>.</summary>
    internal async Task<MissingEvents> CheckAsync(DateTime watermark, CancellationToken cancellationToken)
    {
        var oldest = BucketOf(EventAuditWindow.End(clock.GetUtcNow()) - EventAuditQuery.Length);
        if (_checkedUntil != watermark)
        {
            await AddAsync(_checkedUntil ?? oldest, watermark, oldest, cancellationToken);
            _checkedUntil = watermark;
        }

        var began = clock.GetTimestamp();
        while (_toCheck.Count > 0 && clock.GetElapsedTime(began) < MaxTime)
        {
            var bucket = _toCheck.Max;
            _missing[bucket] = await audit.OfAllAsync(bucket, watermark, cancellationToken);
            _toCheck.Remove(bucket);
        }

        foreach (var bucket in _missing.Keys.Where(bucket => bucket < oldest || _missing[bucket].Count == 0).ToList())
            _missing.Remove(bucket);
        var all = _missing.Values.SelectMany(each => each).ToList();
        return all.Count == 0
            ? new(0, 0, null)
            : new(all.Sum(each => each.Events), all.Select(each => (each.Project, each.Environment)).Distinct().Count(), all.Min(each => each.First));
    }

    private async Task AddAsync(DateTime from, DateTime to, DateTime oldest, CancellationToken cancellationToken)
    {
        for (var bucket = BucketOf(from); bucket < to; bucket += EventAuditQuery.Bucket)
            _toCheck.Add(bucket);
        _toCheck.UnionWith(await audit.ChangedBucketsAsync(oldest, cancellationToken));
        _toCheck.UnionWith(_missing.Keys);
        _toCheck.RemoveWhere(bucket => bucket < oldest || bucket >= to);
    }

    private static DateTime BucketOf(DateTime minute) => minute.AddTicks(-(minute.Ticks % EventAuditQuery.Bucket.Ticks));
}

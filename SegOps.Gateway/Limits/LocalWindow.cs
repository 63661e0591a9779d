namespace SegOps.Gateway.Limits;

/// <summary>The calls that this instance let through within the last minute: a sliding window in memory, and the month as last heard of.</summary>
internal sealed class LocalWindow(TimeProvider clock)
{
    private static readonly TimeSpan Length = TimeSpan.FromMinutes(1);
    private readonly Queue<long> _calls = new();
    private readonly Lock _gate = new();
    private DateTime _month;
    private long _monthUsed;

    /// <summary>Notes what Redis decided, so that this window can go on from there.</summary>
    internal void Note(CallDecision decision)
    {
        lock (_gate)
        {
            Slide();
            if (decision.Allowed)
                _calls.Enqueue(clock.GetTimestamp());
            _month = ThisMonth();
            _monthUsed = decision.MonthUsed;
        }
    }

    /// <summary>Decides in Redis's stead.</summary>
    internal CallDecision Take(string window, int limit, long? eventsPerMonth)
    {
        lock (_gate)
        {
            Slide();
            var allowed = _calls.Count < limit;
            if (allowed)
                _calls.Enqueue(clock.GetTimestamp());
            var next = allowed ? _calls.Peek() : _calls.ElementAt(_calls.Count - limit);
            var month = ThisMonth();
            var following = month.AddMonths(1);
            return new CallDecision
            {
                Window = window,
                Limit = limit,
                Allowed = allowed,
                Left = int.Max(0, limit - _calls.Count),
                Wait = Length - clock.GetElapsedTime(next),
                Source = LimitMetrics.Local,
                EventsPerMonth = eventsPerMonth,
                MonthUsed = month == _month ? _monthUsed : 0,
                MonthLength = following - month,
                UntilReset = following - clock.GetUtcNow().UtcDateTime,
            };
        }
    }

    private void Slide()
    {
        while (_calls.TryPeek(out var oldest) && clock.GetElapsedTime(oldest) >= Length)
            _calls.Dequeue();
    }

    private DateTime ThisMonth()
    {
        var now = clock.GetUtcNow();
        return new DateTime(now.Year, now.Month, 1, 0, 0, 0, DateTimeKind.Utc);
    }
}

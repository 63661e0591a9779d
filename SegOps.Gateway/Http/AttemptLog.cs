namespace SegOps.Gateway.Http;

/// <summary>
/// Attempts within a window of time by who made them, in memory: of at most 10,000 callers, the first seen make room. An attempt for
/// which there is no room is not noted, so that trying makes no wait longer.
/// </summary>
/// <param name="limit">How many attempts each has within any window.</param>
/// <param name="clock">The time.</param>
/// <param name="window">How long an attempt counts; a minute by default.</param>
internal sealed class AttemptLog<TWho>(int limit, TimeProvider clock, TimeSpan? window = null)
    where TWho : notnull
{
    private const int Capacity = 10_000;
    private readonly TimeSpan _window = window ?? TimeSpan.FromMinutes(1);
    private readonly Lock _lock = new();
    private readonly Dictionary<TWho, Queue<long>> _attempts = [];
    private readonly Queue<TWho> _order = new();

    /// <summary>How long until there is room for another attempt; null when there is.</summary>
    internal TimeSpan? Wait(TWho who)
    {
        lock (_lock)
            return _attempts.TryGetValue(who, out var times) && Prune(times) >= limit ? UntilFirstEnds(times) : null;
    }

    /// <summary>How many more attempts there is room for, and how long until there will be more.</summary>
    internal (int Left, TimeSpan UntilMore) Left(TWho who)
    {
        lock (_lock)
            return _attempts.TryGetValue(who, out var times) && Prune(times) is > 0 and var count
                ? (limit - count, UntilFirstEnds(times))
                : (limit, _window);
    }

    /// <summary>Notes an attempt if there is room for it.</summary>
    /// <returns>How long until there is room; null when it was noted.</returns>
    internal TimeSpan? Add(TWho who)
    {
        lock (_lock)
        {
            if (!_attempts.TryGetValue(who, out var times))
            {
                if (_order.Count >= Capacity)
                    _attempts.Remove(_order.Dequeue());
                _order.Enqueue(who);
                _attempts[who] = times = new Queue<long>();
            }
            if (Prune(times) >= limit)
                return UntilFirstEnds(times);
            times.Enqueue(clock.GetTimestamp());
            return null;
        }
    }

    private TimeSpan UntilFirstEnds(Queue<long> times) => _window - clock.GetElapsedTime(times.Peek());

    private int Prune(Queue<long> times)
    {
        while (times.TryPeek(out var oldest) && clock.GetElapsedTime(oldest) >= _window)
            times.Dequeue();
        return times.Count;
    }
}

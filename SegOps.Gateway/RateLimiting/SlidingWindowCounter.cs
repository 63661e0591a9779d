namespace SegOps.Gateway.RateLimiting;

/// <summary>
/// Counts attempts per caller within a sliding window, in memory. It holds 10,000 callers; a new one replaces the oldest.
/// Refused attempts are not counted, so that they do not extend the wait.
/// </summary>
/// <param name="limit">Maximum attempts of a caller within the window.</param>
/// <param name="clock">The clock.</param>
/// <param name="window">Length of the window; one minute by default.</param>
internal sealed class SlidingWindowCounter<TCaller>(int limit, TimeProvider clock, TimeSpan? window = null)
    where TCaller : notnull
{
    private const int Capacity = 10_000;
    private readonly TimeSpan _window = window ?? TimeSpan.FromMinutes(1);
    private readonly Lock _lock = new();
    private readonly Dictionary<TCaller, Queue<long>> _attempts = [];
    private readonly Queue<TCaller> _order = new();

    /// <summary>Time until the window allows another attempt; null if it does now.</summary>
    internal TimeSpan? Wait(TCaller caller)
    {
        lock (_lock)
            return _attempts.TryGetValue(caller, out var times) && Prune(times) >= limit ? UntilFirstEnds(times) : null;
    }

    /// <summary>The number of attempts left, and the time until it increases.</summary>
    internal (int Left, TimeSpan UntilMore) Left(TCaller caller)
    {
        lock (_lock)
            return _attempts.TryGetValue(caller, out var times) && Prune(times) is > 0 and var count
                ? (limit - count, UntilFirstEnds(times))
                : (limit, _window);
    }

    /// <summary>Counts an attempt if the window allows it.</summary>
    /// <returns>Null if it was counted, else the time until the window allows one.</returns>
    internal TimeSpan? Add(TCaller caller)
    {
        lock (_lock)
        {
            if (!_attempts.TryGetValue(caller, out var times))
            {
                if (_order.Count >= Capacity)
                    _attempts.Remove(_order.Dequeue());
                _order.Enqueue(caller);
                _attempts[caller] = times = new Queue<long>();
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

namespace SegOps.Gateway.Http;

/// <summary>Attempts of the last minute by who made them, in memory: of at most 10,000 callers, the first seen make room.</summary>
/// <param name="limit">How many attempts each has within any minute.</param>
/// <param name="clock">The time.</param>
internal sealed class AttemptLog<TWho>(int limit, TimeProvider clock)
    where TWho : notnull
{
    private const int Capacity = 10_000;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private readonly Lock _lock = new();
    private readonly Dictionary<TWho, Queue<long>> _attempts = [];
    private readonly Queue<TWho> _order = new();

    /// <summary>How long until there is room for another attempt; null when there is.</summary>
    internal TimeSpan? Wait(TWho who)
    {
        lock (_lock)
            return _attempts.TryGetValue(who, out var times) && Prune(times) >= limit ? Window - clock.GetElapsedTime(times.Peek()) : null;
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
                return Window - clock.GetElapsedTime(times.Peek());
            times.Enqueue(clock.GetTimestamp());
            return null;
        }
    }

    private int Prune(Queue<long> times)
    {
        while (times.TryPeek(out var oldest) && clock.GetElapsedTime(oldest) >= Window)
            times.Dequeue();
        return times.Count;
    }
}

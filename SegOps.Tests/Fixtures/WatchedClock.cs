using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace SegOps.Tests.Fixtures;

/// <summary>A clock that stands still until a test moves it, and knows for how long others wait by it.</summary>
internal sealed class WatchedClock() : FakeTimeProvider(System.GetUtcNow())
{
    private readonly ConcurrentBag<TimeSpan> _waits = [];

    /// <summary>Forgets who has waited so far.</summary>
    public void Forget() => _waits.Clear();

    /// <summary>Returns once somebody waits for <paramref name="time"/>, to the millisecond.</summary>
    public Task SomebodyWaitsAsync(TimeSpan time) => Eventually.TrueAsync(() => _waits.Contains(time), $"somebody waits for {time}");

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        _waits.Add(dueTime);
        return timer;
    }
}

using Microsoft.Extensions.Time.Testing;

namespace SegOps.Client.Tests.Fixtures;

/// <summary>A clock that stands still until a test moves it. Tests can wait until the client waits.</summary>
internal sealed class TestClock() : FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero))
{
    private readonly Lock _lock = new();
    private readonly List<RecordedTimer> _timers = [];
    private TaskCompletionSource _added = New();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new RecordedTimer(base.CreateTimer(callback, state, dueTime, period), dueTime, GetUtcNow() + dueTime);
        lock (_lock)
        {
            _timers.Add(timer);
            _added.TrySetResult();
        }

        return timer;
    }

    /// <summary>Ends when a timer of this kind runs, which no earlier call has returned.</summary>
    public async Task<TimeSpan> TimerAsync(Func<TimeSpan, bool> kind)
    {
        while (true)
        {
            Task added;
            lock (_lock)
            {
                _timers.RemoveAll(timer => timer.Disposed || timer.End <= GetUtcNow());
                if (_timers.Find(timer => kind(timer.DueTime)) is { } found)
                {
                    _timers.Remove(found);
                    return found.DueTime;
                }

                if (_added.Task.IsCompleted)
                {
                    _added = New();
                }

                added = _added.Task;
            }

            await added.WaitAsync(Guard.Token);
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class RecordedTimer(ITimer timer, TimeSpan dueTime, DateTimeOffset end) : ITimer
    {
        public TimeSpan DueTime => dueTime;

        public DateTimeOffset End => end;

        public bool Disposed { get; private set; }

        public bool Change(TimeSpan newDueTime, TimeSpan period) => timer.Change(newDueTime, period);

        public void Dispose()
        {
            Disposed = true;
            timer.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Disposed = true;
            return timer.DisposeAsync();
        }
    }
}

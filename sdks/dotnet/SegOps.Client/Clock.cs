namespace SegOps.Client;

/// <summary>Times and waits of one client. Moments are the time since the clock was made, which no change of the system's clock moves.</summary>
internal sealed class Clock(TimeProvider time)
{
    /// <summary>Timers take at most 49 days. A longer wait is made of several, as the waiting loop looks again after each.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    private static readonly TimeSpan LongestDelay = TimeSpan.FromDays(366);

    private readonly long _start = time.GetTimestamp();

    public TimeSpan Now => time.GetElapsedTime(_start);

    public DateTimeOffset UtcNow => time.GetUtcNow();

    /// <summary>The moment after <paramref name="delay"/>. An infinite delay is 366 days, which no process waits for.</summary>
    public TimeSpan After(TimeSpan delay) =>
        Now + (delay > LongestDelay || delay == System.Threading.Timeout.InfiniteTimeSpan ? LongestDelay : delay);

    /// <summary>A source that is cancelled after <paramref name="delay"/>.</summary>
    public CancellationTokenSource Timeout(TimeSpan delay)
    {
        var bounded = delay < TimeSpan.Zero ? TimeSpan.Zero : delay;
#if NET8_0_OR_GREATER
        return new CancellationTokenSource(bounded, time);
#else
        return time.CreateCancellationTokenSource(bounded);
#endif
    }

    /// <summary>Ends when <paramref name="task"/> ends, at <paramref name="moment"/> if there is one, or after an hour. Throws nothing.</summary>
    public async Task WaitAsync(Task task, TimeSpan? moment)
    {
        if (moment is null)
        {
            await Task.WhenAny(task).ConfigureAwait(false);
            return;
        }

        var wait = moment.Value - Now;
        if (wait <= TimeSpan.Zero || task.IsCompleted)
        {
            return;
        }

        using var cancellation = new CancellationTokenSource();
        var bounded = wait < LongestWait ? wait : LongestWait;
#if NET8_0_OR_GREATER
        var delay = Task.Delay(bounded, time, cancellation.Token);
#else
        var delay = time.Delay(bounded, cancellation.Token);
#endif
        await Task.WhenAny(task, delay).ConfigureAwait(false);
        cancellation.Cancel();
    }

    /// <summary>Ends when <paramref name="task"/> ends, or at <paramref name="moment"/>. Throws nothing.</summary>
    public async Task WaitUntilAsync(Task task, TimeSpan moment)
    {
        while (!task.IsCompleted && Now < moment)
        {
            await WaitAsync(task, moment).ConfigureAwait(false);
        }
    }
}

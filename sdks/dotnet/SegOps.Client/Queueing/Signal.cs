namespace SegOps.Client.Queueing;

/// <summary>Wakes the one task that waits for it. A signal is kept until a task waits for it.</summary>
internal sealed class Signal
{
    private volatile TaskCompletionSource<bool> _source = NewSource();

    public void Set() => _source.TrySetResult(true);

    /// <summary>Ends at a signal, or as <see cref="Clock.WaitAsync"/> does. The caller looks at what it waits for again.</summary>
    public async Task WaitAsync(Clock clock, TimeSpan? moment)
    {
        var source = _source;
        await clock.WaitAsync(source.Task, moment).ConfigureAwait(false);
        if (source.Task.IsCompleted)
        {
            _source = NewSource();
        }
    }

    private static TaskCompletionSource<bool> NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

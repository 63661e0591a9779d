using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace SegOps.Client.Reporting;

/// <summary>
/// Runs callbacks and writes log lines one after another on a thread of the pool, because they are other people's code: it may block, do
/// I/O or throw. The caller only leaves a notice.
/// </summary>
internal sealed class Reporter(SegOpsOptions options, ILogger logger, Clock clock)
{
    private readonly ConcurrentQueue<Action> _notices = new();
    private readonly LogThrottle _throttle = new(clock);
    private int _running;

    public void Dropped(EventDrop drop)
    {
        Line($"drop {drop.Reason}", omitted => logger.Dropped(drop.EventId, drop.Reason, drop.Status, drop.Code, omitted));
        Call(nameof(options.OnDrop), options.OnDrop, drop);
    }

    public void Warned(EventWarning warning)
    {
        Line($"warning {warning.Code}", omitted => logger.Warned(warning.Code, warning.EventId, omitted));
        Call(nameof(options.OnWarning), options.OnWarning, warning);
    }

    public void Holding(ClientError error)
    {
        Line($"hold {error.Kind}", _ => logger.Holding(error.Kind, error.Status, error.Code));
        Call(nameof(options.OnError), options.OnError, error);
    }

    public void Resumed() => Line("resumed", _ => logger.Resumed());

    public void Retrying(int count, string cause, TimeSpan wait) =>
        Line("retry", omitted => logger.Retrying(count, cause, Math.Round(wait.TotalSeconds, 3), omitted));

    public void Sent(int count, int rejected) => Line("sent", omitted => logger.Sent(count, rejected, omitted));

    public void SenderThrew(Exception exception) => Line("sender", omitted => logger.SenderThrew(exception.GetType().Name, omitted));

    /// <summary>Ends when the callbacks of everything that was reported before have ended.</summary>
    public Task DrainAsync()
    {
        var drained = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() => drained.SetResult(true));
        return drained.Task;
    }

    private void Call<T>(string name, Action<T>? callback, T argument)
    {
        if (callback is not null)
        {
            Post(() =>
            {
                if (Guarded(() => callback(argument)) is { } exception && _throttle.Allows("callback", out var omitted))
                {
                    Guarded(() => logger.CallbackThrew(name, exception.GetType().Name, omitted));
                }
            });
        }
    }

    private void Line(string kind, Action<long> write) => Post(() =>
    {
        if (_throttle.Allows(kind, out var omitted))
        {
            Guarded(() => write(omitted));
        }
    });

    private void Post(Action notice)
    {
        _notices.Enqueue(notice);
        if (Interlocked.CompareExchange(ref _running, 1, 0) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(_ => Run(), null);
        }
    }

    private void Run()
    {
        do
        {
            while (_notices.TryDequeue(out var notice))
            {
                notice();
            }

            Volatile.Write(ref _running, 0);
        }
        while (!_notices.IsEmpty && Interlocked.CompareExchange(ref _running, 1, 0) == 0);
    }

    private static Exception? Guarded(Action action)
    {
        try
        {
            action();
            return null;
        }
#pragma warning disable CA1031 // Nothing that a callback or a logger does may end the reporter.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return e;
        }
    }
}

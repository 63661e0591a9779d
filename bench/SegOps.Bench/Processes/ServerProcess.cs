using System.Collections.Concurrent;

namespace SegOps.Bench.Processes;

/// <summary>A server in a child process. It can be started again after it ended.</summary>
/// <param name="name">Its name in messages.</param>
/// <param name="command">The command that starts it.</param>
/// <param name="answers">Returns whether the server is ready. An exception counts as false.</param>
/// <param name="onLine">Receives each line of its output.</param>
internal sealed class ServerProcess(string name, ChildCommand command, Func<CancellationToken, Task<bool>> answers, Action<string>? onLine = null) : IAsyncDisposable
{
    /// <summary>Long enough for the slowest case: a cold ClickHouse on a busy machine.</summary>
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(120);
    private const int KeptLines = 20;

    private readonly ConcurrentQueue<string> _lastLines = new();
    private ChildProcess? _child;

    /// <summary>The running process.</summary>
    /// <exception cref="InvalidOperationException">The server was never started.</exception>
    public ChildProcess Child => _child ?? throw new InvalidOperationException($"{name} is not started.");

    /// <summary>Starts the server and waits until it is ready. After a failure it is stopped.</summary>
    /// <exception cref="ServerStartException">The process ended or was not ready in time.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        _lastLines.Clear();
        _child = ChildProcess.Start(command, Keep);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var answering = Readiness.WaitAsync(answers, StartTimeout, ended.Token);
        try
        {
            if (await Task.WhenAny(answering, _child.Exited) != answering)
                throw new ServerStartException($"{name} ended with status {await _child.Exited} instead of starting.", _lastLines);
            await answering;
        }
        catch (TimeoutException)
        {
            await _child.StopAsync();
            throw new ServerStartException($"{name} did not answer within {StartTimeout.TotalSeconds} s.", _lastLines);
        }
        catch
        {
            await _child.StopAsync();
            throw;
        }
        finally
        {
            await ended.CancelAsync();
        }
    }

    /// <summary>Stops the server if it is running.</summary>
    public Task StopAsync(TimeSpan? grace = null) => _child?.StopAsync(grace) ?? Task.CompletedTask;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _child?.DisposeAsync() ?? ValueTask.CompletedTask;

    private void Keep(string line)
    {
        _lastLines.Enqueue(line);
        if (_lastLines.Count > KeptLines)
            _lastLines.TryDequeue(out _);
        onLine?.Invoke(line);
    }
}

/// <summary>A server did not start. The message ends with the last lines of its output.</summary>
internal sealed class ServerStartException(string message, IEnumerable<string> lastLines)
    : Exception(string.Join(Environment.NewLine + "    ", lastLines.Prepend(message)));

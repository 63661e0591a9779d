using System.Collections.Concurrent;

namespace SegOps.Bench.Processes;

/// <summary>A child process that serves on a port: started is only said once it answers; may be killed and started again.</summary>
/// <param name="name">What messages call it.</param>
/// <param name="command">How it is started, the same each time.</param>
/// <param name="answers">Asks it once whether it is ready; an exception counts as no.</param>
/// <param name="onLine">Gets each line of its output.</param>
internal sealed class ServerProcess(string name, ChildCommand command, Func<CancellationToken, Task<bool>> answers, Action<string>? onLine = null) : IAsyncDisposable
{
    /// <summary>The slowest is a cold ClickHouse on a busy machine.</summary>
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(120);
    private const int KeptLines = 20;

    private readonly ConcurrentQueue<string> _lastLines = new();
    private ChildProcess? _child;

    /// <summary>The running process.</summary>
    /// <exception cref="InvalidOperationException">It was never started.</exception>
    public ChildProcess Child => _child ?? throw new InvalidOperationException($"{name} is not started.");

    /// <summary>Starts it, again if it ended, and waits until it answers; after a failure it does not run.</summary>
    /// <exception cref="ServerStartException">It ended instead, or did not answer in time.</exception>
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

    /// <summary>Stops it if it runs.</summary>
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

/// <summary>A server did not start; the message ends with what it printed last.</summary>
internal sealed class ServerStartException(string message, IEnumerable<string> lastLines)
    : Exception(string.Join(Environment.NewLine + "    ", lastLines.Prepend(message)));

using System.Collections.Concurrent;

namespace SegOps.Standalone.Processes;

/// <summary>A child process that serves on a port: started is only said once it answers; may be killed and started again.</summary>
/// <param name="name">What messages call it.</param>
/// <param name="command">How it is started, the same each time.</param>
/// <param name="answers">Asks it once whether it is ready; an exception counts as no.</param>
/// <param name="onLine">Gets each line of its output.</param>
/// <param name="startTimeout">How long it may take to answer, by default 60 s: the slowest is a cold ClickHouse on a busy machine.</param>
internal sealed class ServerProcess(
    string name, ChildCommand command, Func<CancellationToken, Task<bool>> answers, Action<string>? onLine = null, TimeSpan? startTimeout = null)
    : IAsyncDisposable
{
    private TimeSpan StartTimeout { get; } = startTimeout ?? TimeSpan.FromSeconds(60);

    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(50);
    private const int KeptLines = 20;

    private readonly ConcurrentQueue<string> _lastLines = new();
    private ChildProcess? _child;

    /// <summary>What messages call it.</summary>
    public string Name => name;

    /// <summary>Told the id of each new process, as soon as there is one.</summary>
    public Action<int> OnProcess { private get; set; } = _ => { };

    /// <summary>The running process.</summary>
    /// <exception cref="InvalidOperationException">It was never started.</exception>
    public ChildProcess Child => _child ?? throw new InvalidOperationException($"{name} is not started.");

    /// <summary>Starts it, again if it ended, and waits until it answers; after a failure it does not run.</summary>
    /// <exception cref="ServerStartException">It ended instead, or did not answer in time.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        _lastLines.Clear();
        _child = await ChildProcess.StartAsync(command, Keep);
        OnProcess(_child.Id);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(StartTimeout);
        try
        {
            await WaitUntilItAnswersAsync(_child, timeout.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await _child.StopAsync();
            throw new ServerStartException($"{name} did not answer within {StartTimeout.TotalSeconds} s.", _lastLines);
        }
        catch (OperationCanceledException)
        {
            await _child.StopAsync();
            throw;
        }
    }

    /// <summary>Stops it if it runs.</summary>
    public Task StopAsync(TimeSpan? grace = null) => _child?.StopAsync(grace) ?? Task.CompletedTask;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _child?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task WaitUntilItAnswersAsync(ChildProcess child, CancellationToken cancellationToken)
    {
        while (!await AnswersAsync(cancellationToken))
        {
            if (child.Exited.IsCompleted)
                throw new ServerStartException($"{name} ended with status {await child.Exited} instead of starting.", _lastLines);
            await Task.Delay(ProbeInterval, cancellationToken);
        }
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(ProbeTimeout);
        try
        {
            return await answers(timeout.Token);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

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

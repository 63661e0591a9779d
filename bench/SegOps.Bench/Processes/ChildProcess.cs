using System.Collections.Concurrent;
using System.Diagnostics;

namespace SegOps.Bench.Processes;

/// <summary>A child process. It is killed when this process exits, unless this process is killed by SIGKILL.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    /// <summary>Default time from SIGTERM to SIGKILL.</summary>
    private static readonly TimeSpan DefaultGrace = TimeSpan.FromSeconds(10);

    private static readonly ConcurrentDictionary<int, ChildProcess> Running = new();

    private readonly Process _process;

    static ChildProcess() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (var child in Running.Values)
            child.Kill();
    };

    private ChildProcess(Process process)
    {
        _process = process;
        Id = process.Id;
        Running[Id] = this;
        Exited = WaitForExitAsync();
    }

    /// <summary>The process id.</summary>
    public int Id { get; }

    /// <summary>Completes with the exit status after all output was read. After a signal, the status is 128 plus its number.</summary>
    public Task<int> Exited { get; }

    /// <summary>Starts a child. <paramref name="onLine"/> receives each line of its output and errors, possibly concurrently.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">The program does not exist.</exception>
    public static ChildProcess Start(ChildCommand command, Action<string> onLine)
    {
        var start = new ProcessStartInfo(command.FileName, command.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in command.Environment ?? new Dictionary<string, string?>())
            start.Environment[name] = value;

        var process = new Process { StartInfo = start };
        process.OutputDataReceived += OnData;
        process.ErrorDataReceived += OnData;
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new ChildProcess(process);

        void OnData(object sender, DataReceivedEventArgs line)
        {
            if (line.Data is not null)
                onLine(line.Data);
        }
    }

    /// <summary>Sends SIGTERM, and SIGKILL after <paramref name="grace"/>. Returns the exit status.</summary>
    public async Task<int> StopAsync(TimeSpan? grace = null)
    {
        Send(Signals.Terminate);
        try
        {
            return await Exited.WaitAsync(grace ?? DefaultGrace);
        }
        catch (TimeoutException)
        {
            Kill();
            return await Exited;
        }
    }

    /// <summary>Sends SIGKILL to the child.</summary>
    public void Kill() => Send(Signals.Kill);

    /// <summary>Sends a signal to the child unless it has exited.</summary>
    public void Send(int signal)
    {
        if (!_process.HasExited)
            Signals.Send(Id, signal);
    }

    /// <summary>Stops the child if it is running.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!Exited.IsCompleted)
            await StopAsync();
    }

    private async Task<int> WaitForExitAsync()
    {
        await _process.WaitForExitAsync();
        Running.TryRemove(Id, out _);
        return _process.ExitCode;
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace SegOps.Standalone.Processes;

/// <summary>
/// A running child process under a guard (Guard.sh) that stops it when this process ends in whatever way, even by SIGKILL.
/// Linux and macOS.
/// </summary>
internal sealed partial class ChildProcess : IAsyncDisposable
{
    /// <summary>How long a child may take to stop after SIGTERM before it is killed, unless told otherwise.</summary>
    public static readonly TimeSpan DefaultGrace = TimeSpan.FromSeconds(10);

    private const int SigKill = 9;

    // These two are numbered differently on each system.
    private static readonly int SigStop = OperatingSystem.IsMacOS() ? 17 : 19;
    private static readonly int SigCont = OperatingSystem.IsMacOS() ? 19 : 18;
    private static readonly string GuardScript = ReadGuardScript();

    /// <summary>The guard needs a moment to kill a child that outlived its grace and to report.</summary>
    private static readonly TimeSpan GuardMargin = TimeSpan.FromSeconds(3);

    private readonly Process _guard;

    private ChildProcess(Process guard, int id)
    {
        _guard = guard;
        Id = id;
        Exited = WaitForExitAsync();
    }

    /// <summary>Process id of the child itself, not of its guard.</summary>
    public int Id { get; }

    /// <summary>Completes with the exit status once the child is gone and its output read: 128 and the signal's number when one ended it.</summary>
    public Task<int> Exited { get; }

    /// <summary>Starts <paramref name="command"/>; <paramref name="onLine"/> gets each line of its output and errors, possibly concurrently.</summary>
    /// <exception cref="InvalidOperationException">The guard could not be started.</exception>
    public static async Task<ChildProcess> StartAsync(ChildCommand command, Action<string> onLine)
    {
        var firstLine = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var guard = new Process { StartInfo = GuardFor(command) };
        guard.OutputDataReceived += (_, line) =>
        {
            if (!firstLine.TrySetResult(line.Data) && line.Data is not null)
                onLine(line.Data);
        };
        guard.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is not null)
                onLine(line.Data);
        };
        guard.Start();
        guard.BeginOutputReadLine();
        guard.BeginErrorReadLine();

        if (int.TryParse(await firstLine.Task, CultureInfo.InvariantCulture, out var id))
            return new ChildProcess(guard, id);

        guard.Dispose();
        throw new InvalidOperationException($"{command.FileName} could not be started: the shell that guards it ended at once.");
    }

    /// <summary>Sends SIGTERM, and SIGKILL after <paramref name="grace"/>; returns the exit status once the child is gone.</summary>
    public async Task<int> StopAsync(TimeSpan? grace = null)
    {
        var seconds = (int)Math.Ceiling((grace ?? DefaultGrace).TotalSeconds);
        try
        {
            await _guard.StandardInput.WriteLineAsync(seconds.ToString(CultureInfo.InvariantCulture));
            _guard.StandardInput.Close();
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // The guard has gone already, or StopAsync was called before.
        }
        return await Exited.WaitAsync(TimeSpan.FromSeconds(seconds) + GuardMargin);
    }

    /// <summary>Sends SIGKILL to the child, as a crash would end it.</summary>
    public void Kill() => Send(SigKill);

    /// <summary>Sends SIGSTOP: the child holds all it has, its connections too, and does nothing until <see cref="Resume"/>.</summary>
    public void Pause() => Send(SigStop);

    /// <summary>Sends SIGCONT, which ends what <see cref="Pause"/> began.</summary>
    public void Resume() => Send(SigCont);

    /// <summary>Stops the child if it still runs.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _guard.Dispose();
    }

    private void Send(int signal)
    {
        if (!Exited.IsCompleted)
            _ = SendSignal(Id, signal);
    }

    private async Task<int> WaitForExitAsync()
    {
        await _guard.WaitForExitAsync();
        return _guard.ExitCode;
    }

    private static ProcessStartInfo GuardFor(ChildCommand command)
    {
        string[] shell = ["sh", "-c", GuardScript, "guard", ((int)DefaultGrace.TotalSeconds).ToString(CultureInfo.InvariantCulture)];

        // A session of its own keeps a terminal's signals away from the child; macOS has no setsid, there the guard ignores them.
        string[] line = ChildCommand.FindOnPath("setsid") is { } setsid
            ? [setsid, .. shell, command.FileName, .. command.Arguments]
            : [.. shell, command.FileName, .. command.Arguments];

        var start = new ProcessStartInfo(line[0], line[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in command.Environment ?? new Dictionary<string, string?>())
            start.Environment[name] = value;
        return start;
    }

    private static string ReadGuardScript()
    {
        using var stream = typeof(ChildProcess).Assembly.GetManifestResourceStream("Guard.sh")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int processId, int signal);
}

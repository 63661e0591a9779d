using System.Runtime.InteropServices;

namespace SegOps.Bench.Processes;

/// <summary>Sends signals by kill(2), on Linux and macOS.</summary>
internal static partial class Signals
{
    internal const int Interrupt = 2;
    internal const int Kill = 9;
    internal const int Terminate = 15;

    /// <summary>SIGSTOP. The process keeps its connections and is suspended until <see cref="Continue"/>.</summary>
    internal static readonly int Stop = OperatingSystem.IsMacOS() ? 17 : 19;

    internal static readonly int Continue = OperatingSystem.IsMacOS() ? 19 : 18;

    /// <summary>Sends a signal. Does nothing if the process has exited.</summary>
    internal static void Send(int processId, int signal)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(processId); // Those mean groups of processes: 0 is the caller's own.
        _ = SendSignal(processId, signal);
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int processId, int signal);
}

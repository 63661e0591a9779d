using System.Runtime.InteropServices;

namespace SegOps.Bench.Processes;

/// <summary>Signals to processes, by kill(2). Linux and macOS.</summary>
internal static partial class Signals
{
    internal const int Interrupt = 2;
    internal const int Kill = 9;
    internal const int Terminate = 15;

    /// <summary>SIGSTOP: the process holds all it has, its connections too, and does nothing until <see cref="Continue"/>.</summary>
    internal static readonly int Stop = OperatingSystem.IsMacOS() ? 17 : 19;

    internal static readonly int Continue = OperatingSystem.IsMacOS() ? 19 : 18;

    /// <summary>Sends one; to a process that is gone it does nothing.</summary>
    internal static void Send(int processId, int signal) => _ = SendSignal(processId, signal);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int processId, int signal);
}

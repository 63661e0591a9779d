using System.Runtime.InteropServices;
using Garnet;
using SegOps.Standalone.Processes;

namespace SegOps.Standalone.Parts;

/// <summary>
/// Microsoft.Garnet, run as a child process of this same executable (by the hidden verb <see cref="Verb"/>), so that it can
/// crash, be killed and be started again like every other part.
/// </summary>
internal static class EmbeddedGarnet
{
    /// <summary>The first argument that makes this executable be Garnet; those after it are Garnet's own.</summary>
    public const string Verb = "garnet";

    /// <summary>How to run it.</summary>
    public static ChildCommand Command(string directory, int port)
    {
        Directory.CreateDirectory(directory);

        // Its default device for the log needs libaio, without which the first write ends the process.
        return OwnProjects.Command("SegOps.Standalone",
        [
            Verb, "--bind", "127.0.0.1", "--port", $"{port}", "--lua", "--lua-transaction-mode",
            "--aof", "--recover", "--checkpointdir", directory, "--device-type", "RandomAccess", "--memory", "256m", "--index", "16m",
        ]);
    }

    /// <summary>Runs Garnet in this process until SIGTERM.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            stop.TrySetResult();
        });
        using var server = new GarnetServer(arguments);
        server.Start();
        await stop.Task;
        return 0;
    }
}

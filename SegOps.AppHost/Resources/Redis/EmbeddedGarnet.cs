using System.Runtime.InteropServices;
using Garnet;

namespace SegOps.AppHost.Resources.Redis;

/// <summary>
/// Microsoft.Garnet, run as a child process of this same program (by the hidden verb <see cref="Verb"/>), so that it can crash, be killed and be
/// started again like every other part.
/// </summary>
internal static class EmbeddedGarnet
{
    /// <summary>The first argument that makes this program be Garnet; those after it are Garnet's own.</summary>
    public const string Verb = "garnet";

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

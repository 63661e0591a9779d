using System.Runtime.InteropServices;
using Garnet;

namespace SegOps.AppHost.Resources.Redis;

/// <summary>
/// Microsoft.Garnet as a child process. The app host starts itself with the hidden verb <see cref="Verb"/>, so that Garnet can crash and restart
/// like every other part.
/// </summary>
internal static class EmbeddedGarnet
{
    /// <summary>The first argument; the rest are Garnet's.</summary>
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

using SegOps.AppHost;
using SegOps.AppHost.Resources.PubSub;
using SegOps.Bench.Processes;

namespace SegOps.Tests.Fixtures.Servers;

/// <summary>Google's Pub/Sub emulator: as the app host starts it, but without it.</summary>
internal sealed class PubSubEmulator : IAsyncDisposable
{
    private readonly string _endpoint;

    private PubSubEmulator(ServerProcess server, string endpoint)
    {
        Server = server;
        _endpoint = endpoint;
    }

    /// <summary>The process, for those who kill it and start it again on the same port.</summary>
    public ServerProcess Server { get; }

    /// <summary>Connection string for the Pub/Sub project <c>segops</c>.</summary>
    public string ConnectionString => ConnectionStringFor("segops");

    /// <summary>Connection string for a Pub/Sub project; the emulator has every project one asks for.</summary>
    public string ConnectionStringFor(string projectId) => $"Endpoint={_endpoint};ProjectId={projectId}";

    /// <summary>Starts it and waits until it answers (1 to 3 s).</summary>
    public static async Task<PubSubEmulator> StartAsync(int? heapMegabytes = null, CancellationToken cancellationToken = default)
    {
        var java = Executables.FindOnPath("java") ?? throw new FileNotFoundException("java is not on PATH.");
        var jar = LocalPubSubEmulatorExtensions.FindJar() ?? throw new FileNotFoundException("The Pub/Sub emulator is not installed.");
        var port = FreePort.Next();
        var endpoint = $"http://127.0.0.1:{port}";
        var command = new ChildCommand(java,
        [
            .. LocalPubSubEmulatorExtensions.JavaOptions(heapMegabytes ?? new AppHostOptions().EmulatorHeapMegabytes), "-jar", jar, "--host=127.0.0.1", $"--port={port}",
        ]);
        var emulator = new PubSubEmulator(new ServerProcess("pubsub", command, Readiness.Of(endpoint)), endpoint);
        await emulator.Server.StartAsync(cancellationToken);
        return emulator;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Server.DisposeAsync();
}

using SegOps.Standalone.Processes;

namespace SegOps.Standalone.Parts;

/// <summary>
/// Google's Pub/Sub emulator. It keeps messages in memory only, and for ever: acked ones too, some 1.4 KB each beside their bytes (measured
/// with version 0.8.20). When its heap is full it ends, and may be started anew. Started as java itself: a SIGTERM to gcloud would leave java behind.
/// </summary>
internal sealed class PubSubEmulator : IAsyncDisposable
{
    /// <summary>Room for about 1,400,000 messages of one event each, or 50,000,000 events in batches of 500.</summary>
    internal const int DefaultHeapMegabytes = 2_048;

    private const int MaxNurseryMegabytes = 64;
    private const string JarFolder = "platform/pubsub-emulator/lib";

    private PubSubEmulator(ServerProcess server, string endpoint)
    {
        Server = server;
        Endpoint = endpoint;
    }

    /// <summary>The process, for those who kill it and start it again on the same port.</summary>
    public ServerProcess Server { get; }

    /// <summary>Where it listens, such as <c>http://127.0.0.1:20123</c>.</summary>
    public string Endpoint { get; }

    /// <summary>Connection string for the Pub/Sub project <c>segops</c>.</summary>
    public string ConnectionString => ConnectionStringFor("segops");

    /// <summary>Connection string for a Pub/Sub project; the emulator has every project one asks for.</summary>
    public string ConnectionStringFor(string projectId) => $"Endpoint={Endpoint};ProjectId={projectId}";

    /// <summary>Starts it and waits until it answers (1 to 3 s).</summary>
    /// <exception cref="FileNotFoundException">Java or the emulator's jar is not installed.</exception>
    public static async Task<PubSubEmulator> StartAsync(
        int? port = null, int heapMegabytes = DefaultHeapMegabytes, Action<string>? onLine = null, CancellationToken cancellationToken = default)
    {
        var java = ChildCommand.FindOnPath("java") ?? throw new FileNotFoundException("java is not on PATH.");
        var jar = FindJar() ?? throw new FileNotFoundException("The Pub/Sub emulator is not installed.");
        var listen = port ?? FreePort.Next();
        var endpoint = $"http://127.0.0.1:{listen}";

        // With a full heap it would collect garbage for ever and answer nobody; this collector knows when that is of no use. Nearly everything stays:
        // a small nursery makes for short pauses, and a heap that need not grow for no long ones. Memory is only taken as it fills.
        var command = new ChildCommand(java,
        [
            $"-Xms{heapMegabytes}m", $"-Xmx{heapMegabytes}m", $"-Xmn{Math.Min(MaxNurseryMegabytes, heapMegabytes / 4)}m",
            "-XX:+UseParallelGC", "-XX:GCTimeLimit=80", "-XX:GCHeapFreeLimit=5", "-XX:+ExitOnOutOfMemoryError",
            "-jar", jar, "--host=127.0.0.1", $"--port={listen}",
        ]);
        var server = new ServerProcess("pubsub", command, HttpProbe.For(endpoint), onLine);
        await server.StartAsync(cancellationToken);
        return new PubSubEmulator(server, endpoint);
    }

    /// <summary>The emulator's jar in the Google Cloud SDK that the environment names, Debian's package, or gcloud's own folder.</summary>
    public static string? FindJar() => SdkRoots()
        .Select(root => Path.Combine(root, JarFolder))
        .Where(Directory.Exists)
        .SelectMany(folder => Directory.EnumerateFiles(folder, "cloud-pubsub-emulator-*.jar"))
        .FirstOrDefault();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Server.DisposeAsync();

    private static IEnumerable<string> SdkRoots()
    {
        foreach (var variable in (string[])["GOOGLE_CLOUD_SDK", "CLOUDSDK_ROOT_DIR"])
            if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } root)
                yield return root;
        yield return "/usr/lib/google-cloud-sdk";
        if (ChildCommand.FindOnPath("gcloud") is { } gcloud)
            yield return Path.GetFullPath("../..", File.ResolveLinkTarget(gcloud, returnFinalTarget: true)?.FullName ?? gcloud);
    }
}

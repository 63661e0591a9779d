using SegOps.Standalone.Processes;

namespace SegOps.Standalone.Parts;

/// <summary>
/// Google's Pub/Sub emulator. It keeps messages in memory only. Started as java itself: a SIGTERM to gcloud would leave java behind.
/// </summary>
internal sealed class PubSubEmulator : IAsyncDisposable
{
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
        int? port = null, Action<string>? onLine = null, CancellationToken cancellationToken = default)
    {
        var java = ChildCommand.FindOnPath("java") ?? throw new FileNotFoundException("java is not on PATH.");
        var jar = FindJar() ?? throw new FileNotFoundException("The Pub/Sub emulator is not installed.");
        var listen = port ?? FreePort.Next();
        var endpoint = $"http://127.0.0.1:{listen}";

        // The default heap is a quarter of the machine, which an undrained backlog fills.
        var command = new ChildCommand(java, ["-Xmx512m", "-XX:+UseSerialGC", "-jar", jar, "--host=127.0.0.1", $"--port={listen}"]);
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

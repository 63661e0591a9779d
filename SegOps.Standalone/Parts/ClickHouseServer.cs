using System.Collections.Concurrent;
using System.Security.Cryptography;
using SegOps.Standalone.Processes;

namespace SegOps.Standalone.Parts;

/// <summary>The embedded ClickHouse engine (SegOps.EmbeddedClickHouse) on a folder of its own, which outlives it.</summary>
internal sealed class ClickHouseServer : IAsyncDisposable
{
    /// <summary>The first start fetches the engine, 170 MiB, however slow the line; it says so, and ends by itself if it cannot.</summary>
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(15);
    private const string Project = "SegOps.EmbeddedClickHouse";

    private readonly int _port;
    private readonly string _password;

    private ClickHouseServer(ServerProcess server, int port, string password)
    {
        Server = server;
        _port = port;
        _password = password;
    }

    /// <summary>The process, for those who kill it and start it again on the same port and folder.</summary>
    public ServerProcess Server { get; }

    /// <summary>Connection string for the database <c>segops</c>.</summary>
    public string ConnectionString => ConnectionStringFor("segops");

    /// <summary>Connection string for <paramref name="database"/>, which need not exist.</summary>
    public string ConnectionStringFor(string database) =>
        $"Host=127.0.0.1;Port={_port};Username=segops;Password={_password};Database={database}";

    /// <summary>Fetches the engine (180 MB) unless this user has it already; <paramref name="onProgress"/> gets a line every few seconds.</summary>
    /// <exception cref="ServerStartException">It cannot be had.</exception>
    public static async Task FetchEngineAsync(Action<string> onProgress, CancellationToken cancellationToken = default)
    {
        var lines = new ConcurrentQueue<string>();
        await using var fetch = await ChildProcess.StartAsync(OwnProjects.Command(Project, ["fetch"]), line =>
        {
            lines.Enqueue(line);
            onProgress(line);
        });
        var status = await fetch.Exited.WaitAsync(cancellationToken);
        if (status != 0)
            throw new ServerStartException("The ClickHouse engine could not be fetched.", lines);
    }

    /// <summary>Starts it on <paramref name="directory"/> and waits until it answers (1 to 3 s, once its engine is fetched).</summary>
    public static async Task<ClickHouseServer> StartAsync(
        string directory, int? port = null, Action<string>? onLine = null, CancellationToken cancellationToken = default)
    {
        Directory.CreateDirectory(directory);
        var listen = port ?? FreePort.Next();
        var password = RandomNumberGenerator.GetHexString(32, lowercase: true);

        // By environment: arguments can be read by every user of the machine.
        var command = OwnProjects.Command(Project, ["--path", directory, "--port", $"{listen}"], new Dictionary<string, string?>
        {
            ["CLICKHOUSE_USER"] = "segops",
            ["CLICKHOUSE_PASSWORD"] = password,
        });
        var server = new ServerProcess("clickhouse", command, HttpProbe.For($"http://127.0.0.1:{listen}/ping"), onLine, StartTimeout);
        await server.StartAsync(cancellationToken);
        return new ClickHouseServer(server, listen, password);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Server.DisposeAsync();
}

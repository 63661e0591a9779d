using SegOps.Standalone.Processes;
using StackExchange.Redis;

namespace SegOps.Standalone.Parts;

/// <summary>
/// A Redis-compatible server on a folder of its own, which outlives it: Debian's redis-server when on PATH, else the embedded
/// Microsoft.Garnet. Both log every write to a file. What a crash of the process loses: nothing with redis-server, which writes
/// before it answers; with Garnet the writes of the last moments, which it answers before they are in the file.
/// </summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private RedisServer(ServerProcess server, string connectionString)
    {
        Server = server;
        ConnectionString = connectionString;
    }

    /// <summary>The process, for those who kill it and start it again on the same port and folder.</summary>
    public ServerProcess Server { get; }

    /// <summary>In StackExchange.Redis's form.</summary>
    public string ConnectionString { get; }

    /// <summary>Starts it on <paramref name="directory"/> and waits until it answers.</summary>
    public static async Task<RedisServer> StartAsync(
        string directory, RedisKind kind = RedisKind.Any, int? port = null, Action<string>? onLine = null, CancellationToken cancellationToken = default)
    {
        Directory.CreateDirectory(directory);
        var listen = port ?? FreePort.Next();
        var redis = kind == RedisKind.Garnet ? null : ChildCommand.FindOnPath("redis-server");
        if (redis is null && kind == RedisKind.Redis)
            throw new FileNotFoundException("redis-server is not on PATH.");

        // The two keep their data in forms of their own, so each gets a folder of its own.
        var command = redis is null
            ? EmbeddedGarnet.Command(Path.Combine(directory, "garnet"), listen)
            : RedisCommand(redis, Path.Combine(directory, "redis"), listen);
        var connectionString = $"127.0.0.1:{listen}";
        var server = new ServerProcess("redis", command, token => AnswersAsync(connectionString, token), onLine);
        await server.StartAsync(cancellationToken);
        return new RedisServer(server, connectionString);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Server.DisposeAsync();

    private static ChildCommand RedisCommand(string redis, string directory, int port)
    {
        Directory.CreateDirectory(directory);
        return new ChildCommand(redis, ["--bind", "127.0.0.1", "--port", $"{port}", "--appendonly", "yes", "--save", "", "--dir", directory]);
    }

    private static async Task<bool> AnswersAsync(string connectionString, CancellationToken cancellationToken)
    {
        var options = ConfigurationOptions.Parse(connectionString);
        options.ConnectTimeout = 1000;
        await using var connection = await ConnectionMultiplexer.ConnectAsync(options).WaitAsync(cancellationToken);

        // While it still loads its data, it connects but refuses commands.
        await connection.GetDatabase().StringGetAsync("segops:ready").WaitAsync(cancellationToken);
        return true;
    }
}

/// <summary>Which Redis-compatible server to start.</summary>
internal enum RedisKind
{
    /// <summary>redis-server when on PATH, else Garnet.</summary>
    Any,

    /// <summary>redis-server from PATH.</summary>
    Redis,

    /// <summary>The embedded Microsoft.Garnet.</summary>
    Garnet,
}

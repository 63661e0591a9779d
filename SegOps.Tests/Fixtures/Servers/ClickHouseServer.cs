using System.Security.Cryptography;
using SegOps.Bench.Processes;

namespace SegOps.Tests.Fixtures.Servers;

/// <summary>The embedded ClickHouse engine on a folder of its own, which outlives it: as the app host starts it, but without it.</summary>
internal sealed class ClickHouseServer : IAsyncDisposable
{
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

    /// <summary>Starts it on <paramref name="directory"/> and waits until it answers (1 to 3 s, once its engine is fetched).</summary>
    public static async Task<ClickHouseServer> StartAsync(string directory, CancellationToken cancellationToken = default)
    {
        var port = FreePort.Next();
        var password = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var command = ChildCommand.Built("SegOps.EmbeddedClickHouse", ["--path", directory, "--port", $"{port}"], new Dictionary<string, string?>
        {
            ["CLICKHOUSE_USER"] = "segops",
            ["CLICKHOUSE_PASSWORD"] = password,
        });
        var clickHouse = new ClickHouseServer(new ServerProcess("clickhouse", command, Readiness.Of($"http://127.0.0.1:{port}/ping")), port, password);
        await clickHouse.Server.StartAsync(cancellationToken);
        return clickHouse;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Server.DisposeAsync();
}

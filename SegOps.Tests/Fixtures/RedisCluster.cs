using System.Globalization;
using System.Net;
using SegOps.AppHost;
using SegOps.Bench.Processes;
using StackExchange.Redis;

namespace SegOps.Tests.Fixtures;

/// <summary>A Redis Cluster of three masters, for a class of tests; the tests are skipped without redis-server on PATH.</summary>
public sealed class RedisCluster : IAsyncLifetime
{
    private const int Slots = 16_384;
    private readonly TemporaryFolder _data = new();
    private readonly List<(ServerProcess Server, int Port, int BusPort)> _nodes = [];

    private string? _addresses;

    /// <summary>All nodes, in StackExchange.Redis's form. Skips the test if there are none.</summary>
    public string ConnectionString
    {
        get
        {
            Assert.SkipWhen(_addresses is null, "redis-server is not on PATH.");
            return _addresses!;
        }
    }

    public async ValueTask InitializeAsync()
    {
        if (Executables.FindOnPath("redis-server") is not { } redisServer)
            return;

        for (var node = 0; node < 3; node++)
            _nodes.Add(await StartAsync(redisServer, node));
        var addresses = string.Join(',', _nodes.Select(node => $"127.0.0.1:{node.Port}"));
        for (var node = 0; node < _nodes.Count; node++)
        {
            await ExecuteAsync(_nodes[node].Port, "ADDSLOTSRANGE", Slots * node / 3, (Slots * (node + 1) / 3) - 1);
            await ExecuteAsync(_nodes[node].Port, "MEET", "127.0.0.1", _nodes[0].Port, _nodes[0].BusPort);
        }
        foreach (var node in _nodes)
            await Eventually.IsAsync(true, async () => await IsReadyAsync(node.Port));
        _addresses = addresses;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (server, _, _) in _nodes)
            await server.DisposeAsync();
        _data.Dispose();
    }

    private async Task<(ServerProcess Server, int Port, int BusPort)> StartAsync(string redisServer, int node)
    {
        var (port, busPort) = (FreePort.Next(), FreePort.Next());
        var folder = Directory.CreateDirectory(Path.Combine(_data.Path, $"node{node}")).FullName;
        var command = new ChildCommand(redisServer,
        [
            "--bind", "127.0.0.1", "--port", port.ToString(CultureInfo.InvariantCulture), "--cluster-enabled", "yes",
            "--cluster-port", busPort.ToString(CultureInfo.InvariantCulture), "--cluster-node-timeout", "15000", "--save", "", "--dir", folder,
        ]);
        var server = new ServerProcess($"redis node {node}", command, async stop =>
        {
            await ExecuteAsync(port, "INFO").WaitAsync(stop);
            return true;
        });
        await server.StartAsync(TestContext.Current.CancellationToken);
        return (server, port, busPort);
    }

    private static async Task<bool> IsReadyAsync(int port)
    {
        var info = (string?)await ExecuteAsync(port, "INFO") ?? "";
        return info.Contains("cluster_state:ok", StringComparison.Ordinal) && info.Contains("cluster_known_nodes:3", StringComparison.Ordinal);
    }

    private static async Task<RedisResult> ExecuteAsync(int port, params object[] arguments)
    {
        var endpoint = new IPEndPoint(IPAddress.Loopback, port);
        await using var connection = await ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions { EndPoints = { endpoint }, AllowAdmin = true });
        return await connection.GetServer(endpoint).ExecuteAsync("CLUSTER", arguments);
    }
}

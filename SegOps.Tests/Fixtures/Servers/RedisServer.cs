using System.Globalization;
using SegOps.AppHost;
using SegOps.AppHost.Resources.Redis;
using SegOps.Bench.Processes;
using StackExchange.Redis;

namespace SegOps.Tests.Fixtures.Servers;

/// <summary>A Redis-compatible server on a folder of its own, which outlives it: as the app host starts one, but without it.</summary>
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
    public static async Task<RedisServer> StartAsync(string directory, RedisKind kind = RedisKind.Any, CancellationToken cancellationToken = default)
    {
        var port = FreePort.Next().ToString(CultureInfo.InvariantCulture);
        var redisServer = kind == RedisKind.Garnet ? null : Executables.FindOnPath("redis-server");
        var folder = Directory.CreateDirectory(Path.Combine(directory, redisServer is null ? "garnet" : "redis")).FullName;
        var arguments = LocalRedisExtensions.Arguments(redisServer is null, port, folder).Cast<string>().ToList();
        var command = redisServer is null ? ChildCommand.Built("SegOps.AppHost", arguments) : new ChildCommand(redisServer, arguments);
        var redis = new RedisServer(new ServerProcess("redis", command, token => AnswersAsync($"127.0.0.1:{port}", token)), $"127.0.0.1:{port}");
        await redis.Server.StartAsync(cancellationToken);
        return redis;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Server.DisposeAsync();

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

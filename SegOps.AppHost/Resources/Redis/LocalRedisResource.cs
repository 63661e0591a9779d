using System.Net;
using System.Net.Sockets;
using System.Text;
using SegOps.AppHost.Data;

namespace SegOps.AppHost.Resources.Redis;

/// <summary>
/// A Redis-compatible server as a local process, on the loopback address: redis-server, else the embedded Microsoft.Garnet. Both append every
/// write to a file. A crash of redis-server loses nothing, because it writes before it answers. A crash of Garnet loses the latest writes,
/// because it answers first.
/// </summary>
/// <param name="name">The resource's name.</param>
/// <param name="command">The server's program.</param>
/// <param name="folder">The working directory.</param>
internal sealed class LocalRedisResource(string name, string command, string folder)
    : ExecutableResource(name, command, folder), IResourceWithConnectionString
{
    /// <summary>The TCP endpoint.</summary>
    public EndpointReference Endpoint => field ??= new(this, "tcp");

    /// <inheritdoc/>
    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"127.0.0.1:{Endpoint.Property(EndpointProperty.Port)}");
}

internal static class LocalRedisExtensions
{
    private static readonly byte[] Ping = Encoding.ASCII.GetBytes("PING\r\n");

    /// <summary>Adds a local Redis with its data in <paramref name="data"/>.</summary>
    public static IResourceBuilder<LocalRedisResource> AddLocalRedis(
        this IDistributedApplicationBuilder builder, string name, DataFolder data, RedisKind kind = RedisKind.Any)
    {
        var redisServer = kind == RedisKind.Garnet ? null : Executables.FindOnPath("redis-server");
        var resource = new LocalRedisResource(name, redisServer ?? Executables.Built("SegOps.AppHost"), builder.AppHostDirectory);

        // The servers' file formats differ, so each has its own folder.
        return builder.AddResource(resource)
            .WithEndpoint(scheme: "tcp", name: "tcp", isProxied: false)
            .WithArgs(context =>
            {
                var folder = data.Folder(redisServer is null ? "redis/garnet" : "redis/redis");
                foreach (var argument in Arguments(redisServer is null, resource.Endpoint.Property(EndpointProperty.TargetPort), folder))
                    context.Args.Add(argument);
            })
            .WithEnvironment("DOTNET_ROOT", Executables.DotnetRoot)
            .WithPollingHealthCheck("ping", cancellationToken => PingAsync(resource, cancellationToken))
            .WithAnnotation(new PartAnnotation(PartAnnotation.Server))
            .WithIconName("Memory")
            .ExcludeFromManifest();
    }

    /// <summary>The server's arguments. Without libaio, Garnet's default log device ends the process at the first write.</summary>
    internal static IEnumerable<object> Arguments(bool garnet, object port, string folder) => garnet
        ?
        [
            EmbeddedGarnet.Verb, "--bind", "127.0.0.1", "--port", port, "--lua", "--lua-transaction-mode",
            "--aof", "--recover", "--checkpointdir", folder, "--device-type", "RandomAccess", "--memory", "256m", "--index", "16m",
        ]
        : ["--bind", "127.0.0.1", "--port", port, "--appendonly", "yes", "--maxmemory-policy", "noeviction", "--save", "", "--dir", folder];

    /// <summary>Sends PING. A server that is loading its data accepts connections but refuses commands.</summary>
    private static async Task<string?> PingAsync(LocalRedisResource resource, CancellationToken cancellationToken)
    {
        var port = await resource.Endpoint.Property(EndpointProperty.Port).GetValueAsync(cancellationToken);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, int.Parse(port!, System.Globalization.CultureInfo.InvariantCulture), cancellationToken);
        var stream = client.GetStream();
        await stream.WriteAsync(Ping, cancellationToken);
        using var reader = new StreamReader(stream);
        var answer = await reader.ReadLineAsync(cancellationToken);
        return answer == "+PONG" ? null : $"PING returned {answer}";
    }
}

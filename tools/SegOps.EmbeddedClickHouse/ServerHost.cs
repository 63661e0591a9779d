using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using SegOps.EmbeddedClickHouse.Engine;
using SegOps.EmbeddedClickHouse.Http;

namespace SegOps.EmbeddedClickHouse;

/// <summary>Kestrel and the console, set up for this one purpose.</summary>
internal static class ServerHost
{
    /// <summary>clickhouse-server's http_receive_timeout and http_send_timeout: a client that stalls for longer is cut off.</summary>
    private static readonly TimeSpan StallLimit = TimeSpan.FromSeconds(30);

    /// <summary>Listens on 127.0.0.1 without limits on the body, and logs in single lines.</summary>
    public static WebApplicationBuilder CreateBuilder(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MaxRequestLineSize = 1 << 20;
            kestrel.Limits.MaxRequestBufferSize = 2 << 20;
            kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 1, StallLimit);
            kestrel.Limits.MinResponseDataRate = new MinDataRate(bytesPerSecond: 1, StallLimit);
            kestrel.Listen(IPAddress.Loopback, port);
        });
        // What was written has reached the socket: an error's trailer must, before the connection is cut.
        builder.WebHost.UseSockets(sockets => sockets.MaxWriteBufferSize = 2);
        builder.Logging.ClearProviders();
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "HH:mm:ss.fff ";
        });
        // Request targets hold SQL.
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        return builder;
    }

    /// <summary>Adds the engine and what stands in front of it.</summary>
    public static IServiceCollection AddClickHouse(this IServiceCollection services, EngineHost engine) => services
        .AddSingleton(engine)
        .AddSingleton(TimeProvider.System)
        .AddSingleton(Credentials.FromEnvironment())
        .AddSingleton<Authentication>()
        .AddSingleton<Sessions>()
        .AddHostedService(provider => provider.GetRequiredService<Sessions>())
        .AddSingleton<RunningQueries>()
        .AddSingleton<QueryEndpoint>();
}

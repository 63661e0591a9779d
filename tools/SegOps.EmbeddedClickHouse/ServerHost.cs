using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using SegOps.EmbeddedClickHouse.Engine;
using SegOps.EmbeddedClickHouse.Http;

namespace SegOps.EmbeddedClickHouse;

/// <summary>Configures Kestrel, logging and services.</summary>
internal static class ServerHost
{
    /// <summary>clickhouse-server's http_receive_timeout and http_send_timeout. A client that stalls for longer is disconnected.</summary>
    private static readonly TimeSpan StallLimit = TimeSpan.FromSeconds(30);

    /// <summary>Creates a host that listens on 127.0.0.1 without a body limit and logs single lines.</summary>
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
        // Writes must reach the socket at once: an error's trailer is followed by an abort of the connection.
        builder.WebHost.UseSockets(sockets => sockets.MaxWriteBufferSize = 2);
        builder.Logging.ClearProviders();
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "HH:mm:ss.fff ";
        });
        // Request targets contain SQL.
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        return builder;
    }

    /// <summary>Adds the engine and the services of the HTTP interface.</summary>
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

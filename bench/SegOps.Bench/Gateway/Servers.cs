using System.IO.Pipelines;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using SegOps.Bench.Processes;
using SegOps.Bench.Running;
using Yarp.ReverseProxy.Configuration;

namespace SegOps.Bench.Gateway;

/// <summary>The baseline servers. Each is a separate process of this executable.</summary>
internal static class Servers
{
    /// <summary>Name of the command that runs a server.</summary>
    internal const string Command = "serve";

    /// <summary>Reads the body and answers 202.</summary>
    internal const string Drain = "drain";

    /// <summary>YARP with one route and nothing else.</summary>
    internal const string BareYarp = "yarp";

    /// <summary>Answers only its health check.</summary>
    internal const string Empty = "empty";

    private static readonly byte[] Answer = "{}"u8.ToArray();

    /// <summary>Creates the server <paramref name="kind"/> without starting it.</summary>
    internal static ServerProcess Create(string kind, Uri url, Uri? upstream) => HelperServer.Create(
        kind, url, [Command, kind, "--port", $"{url.Port}", .. upstream is null ? [] : (string[])["--upstream", upstream.ToString()]]);

    /// <summary>Runs the server <paramref name="kind"/> in this process until cancelled.</summary>
    internal static Task RunAsync(string kind, int port, Uri? upstream, CancellationToken cancellationToken) => kind switch
    {
        BareYarp => HelperServer.RunAsync(port, app => app.MapReverseProxy(), services => services.AddReverseProxy().LoadFromMemory(Routes(), Clusters(upstream!)), cancellationToken),
        Drain => HelperServer.RunAsync(port, app => app.MapPost("/{**path}", DrainAsync), null, cancellationToken),
        _ => HelperServer.RunAsync(port, _ => { }, null, cancellationToken),
    };

    private static async Task DrainAsync(HttpContext context)
    {
        ReadResult read;
        do
        {
            read = await context.Request.BodyReader.ReadAsync(context.RequestAborted);
            context.Request.BodyReader.AdvanceTo(read.Buffer.End);
        }
        while (!read.IsCompleted);
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = Answer.Length;
        await context.Response.Body.WriteAsync(Answer, context.RequestAborted);
    }

    private static RouteConfig[] Routes() => [new() { RouteId = "all", ClusterId = "upstream", Match = new() { Path = "/api/{**rest}" } }];

    private static ClusterConfig[] Clusters(Uri upstream) =>
        [new() { ClusterId = "upstream", Destinations = new Dictionary<string, DestinationConfig> { ["upstream"] = new() { Address = upstream.ToString() } } }];
}

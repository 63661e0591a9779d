using System.IO.Pipelines;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using SegOps.Bench.Processes;
using SegOps.Bench.Running;
using Yarp.ReverseProxy.Configuration;

namespace SegOps.Bench.Gateway;

/// <summary>The servers that the gateway is measured with, each a process of its own: this executable, started again.</summary>
internal static class Servers
{
    /// <summary>Name of the command that runs one.</summary>
    internal const string Command = "serve";

    /// <summary>Reads a body to its end and answers 202, as fast as that goes.</summary>
    internal const string Drain = "drain";

    /// <summary>YARP with one route and nothing else.</summary>
    internal const string BareYarp = "yarp";

    /// <summary>Answers nothing but its health check.</summary>
    internal const string Empty = "empty";

    private static readonly byte[] Answer = "{}"u8.ToArray();

    /// <summary>The server <paramref name="kind"/>, to be started.</summary>
    internal static ServerProcess Create(string kind, Uri url, Uri? behind) => OwnServer.Create(
        kind, url, [Command, kind, "--port", $"{url.Port}", .. behind is null ? [] : (string[])["--behind", behind.ToString()]]);

    /// <summary>Runs the server <paramref name="kind"/> in this process until cancelled.</summary>
    internal static Task RunAsync(string kind, int port, Uri? behind, CancellationToken cancellationToken) => kind switch
    {
        BareYarp => OwnServer.RunAsync(port, app => app.MapReverseProxy(), services => services.AddReverseProxy().LoadFromMemory(Routes(), Clusters(behind!)), cancellationToken),
        Drain => OwnServer.RunAsync(port, app => app.MapPost("/{**path}", DrainAsync), null, cancellationToken),
        _ => OwnServer.RunAsync(port, _ => { }, null, cancellationToken),
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

    private static RouteConfig[] Routes() => [new() { RouteId = "all", ClusterId = "behind", Match = new() { Path = "/api/{**rest}" } }];

    private static ClusterConfig[] Clusters(Uri behind) =>
        [new() { ClusterId = "behind", Destinations = new Dictionary<string, DestinationConfig> { ["behind"] = new() { Address = behind.ToString() } } }];
}

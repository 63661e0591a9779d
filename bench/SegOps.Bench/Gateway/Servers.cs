using System.IO.Pipelines;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SegOps.Standalone.Processes;
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

    private const string HealthPath = "/health";
    private static readonly byte[] Answer = "{}"u8.ToArray();

    /// <summary>Starts the server <paramref name="kind"/> and waits until it answers.</summary>
    internal static async Task<ServerProcess> StartAsync(string kind, int port, Uri? behind, CancellationToken cancellationToken)
    {
        string[] arguments = [Command, kind, "--port", $"{port}", .. behind is null ? [] : (string[])["--behind", behind.ToString()]];
        var server = new ServerProcess(kind, new ChildCommand(Environment.ProcessPath!, arguments), HttpProbe.For($"http://127.0.0.1:{port}{HealthPath}"));
        await server.StartAsync(cancellationToken);
        return server;
    }

    /// <summary>Runs the server <paramref name="kind"/> in this process until SIGTERM.</summary>
    internal static async Task RunAsync(string kind, int port, Uri? behind)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        if (kind == BareYarp)
            builder.Services.AddReverseProxy().LoadFromMemory(Routes(), Clusters(behind!));
        await using var app = builder.Build();
        app.Urls.Add($"http://127.0.0.1:{port}");
        app.MapGet(HealthPath, () => Results.Ok());
        if (kind == BareYarp)
            app.MapReverseProxy();
        else
            app.MapPost("/{**path}", DrainAsync);
        await app.RunAsync();
    }

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

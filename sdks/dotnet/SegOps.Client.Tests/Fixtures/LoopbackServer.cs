using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace SegOps.Client.Tests.Fixtures;

/// <summary>A server on a free port of this machine.</summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Channel<(string Path, IHeaderDictionary Headers, string Body)> _requests =
        Channel.CreateUnbounded<(string, IHeaderDictionary, string)>();

    private LoopbackServer(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRequestDecompression();
        _app = builder.Build();
        _app.Use(async (context, next) =>
        {
            // The decompression takes the header away.
            context.Items["encoding"] = context.Request.Headers.ContentEncoding.ToString();
            await next(context);
        });
        _app.UseRequestDecompression();
        _app.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var body = await reader.ReadToEndAsync();
            var headers = new HeaderDictionary();
            foreach (var header in context.Request.Headers)
            {
                headers[header.Key] = header.Value;
            }

            headers["Content-Encoding"] = (string)context.Items["encoding"]!;
            _requests.Writer.TryWrite((context.Request.Path, headers, body));
            await answer(context);
        });
    }

    public Uri Url => new(_app.Urls.Single());

    public static async Task<LoopbackServer> StartAsync(RequestDelegate answer)
    {
        var server = new LoopbackServer(answer);
        await server._app.StartAsync();
        return server;
    }

    public static async Task AcceptAsync(HttpContext context, int events)
    {
        context.Response.StatusCode = 202;
        await context.Response.WriteAsync($$"""{"accepted":{{events}},"rejected":0}""");
    }

    public ValueTask<(string Path, IHeaderDictionary Headers, string Body)> NextAsync() => _requests.Reader.ReadAsync(Guard.Token);

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}

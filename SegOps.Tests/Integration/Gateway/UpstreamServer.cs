using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace SegOps.Tests.Integration.Gateway;

/// <summary>A service behind the gateway, on a real socket, that keeps what it was asked, without the gateway's probes.</summary>
internal sealed class UpstreamServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private UpstreamServer(WebApplication app, ConcurrentQueue<Request> requests)
    {
        _app = app;
        Requests = requests;
    }

    internal sealed record Request(string Target, IReadOnlyDictionary<string, string> Headers);

    public ConcurrentQueue<Request> Requests { get; }

    public string Url => _app.Urls.First();

    public static async Task<UpstreamServer> StartAsync(RequestDelegate? answer = null, RequestDelegate? probe = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var requests = new ConcurrentQueue<Request>();
        app.Run(context =>
        {
            if (context.Request.Headers.UserAgent.ToString().Contains("Active Health Check Monitor", StringComparison.Ordinal))
                return probe?.Invoke(context) ?? Task.CompletedTask;
            var headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
            requests.Enqueue(new Request(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget, headers));
            return answer?.Invoke(context) ?? context.Response.WriteAsync("from upstream");
        });
        await app.StartAsync();
        return new UpstreamServer(app, requests);
    }

    public async ValueTask DisposeAsync()
    {
        // No grace: a test may have left a request hanging on purpose.
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }
}

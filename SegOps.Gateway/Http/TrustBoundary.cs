using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using SegOps.Contracts;
using SegOps.ServiceDefaults.Health;
using SegOps.ServiceDefaults.Http;

namespace SegOps.Gateway.Http;

/// <summary>What is decided about a request before anything else looks at it. docs/security.md says against whom.</summary>
internal static class TrustBoundary
{
    /// <summary>Refuses ambiguous framing, hides the probes from strangers, and finds out the client's address.</summary>
    internal static IApplicationBuilder UseTrustBoundary(this IApplicationBuilder app)
    {
        var options = app.ApplicationServices.GetRequiredService<IOptions<ServerOptions>>().Value;
        app.Use((context, next) =>
        {
            if (FramingFault(context.Request) is { } fault)
            {
                context.Response.Headers.Connection = "close"; // What follows on the connection may be anything.
                return Problems.WriteAsync(context, ErrorCodes.BadRequest, fault);
            }

            if (HealthEndpoints.IsProbe(context.Request.Path) && !MayProbe(context, options.ProbePort))
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
            }

            context.Request.Headers.Remove(HeaderNames.Upgrade); // Nobody behind speaks anything else.
            return next(context);
        });
        return app.UseClientAddress();
    }

    /// <summary>
    /// Takes the client's address from X-Forwarded-For if a trusted proxy sent it: from the right, up to the first address that is none.
    /// </summary>
    private static IApplicationBuilder UseClientAddress(this IApplicationBuilder app)
    {
        var networks = app.ApplicationServices.GetRequiredService<TrustedProxies>().Networks;
        if (networks.Count == 0)
            return app; // The middleware would take an empty list for "trust everybody".

        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor, ForwardLimit = null };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var network in networks)
            options.KnownIPNetworks.Add(network);
        return app.UseForwardedHeaders(options);
    }

    /// <summary>
    /// Kestrel reads these by the standard's rules; whoever stands in front may read them by others, and then we would disagree about where
    /// the next request begins.
    /// </summary>
    private static string? FramingFault(HttpRequest request)
    {
        var encoding = request.Headers.TransferEncoding;
        if (encoding.Count == 0)
            return null;
        if (request.Headers.ContainsKey(HeaderNames.ContentLength) || request.Headers.ContainsKey(MovedContentLength))
            return "A request has either Content-Length or Transfer-Encoding.";
        if (encoding.Count > 1 || !string.Equals(encoding, "chunked", StringComparison.OrdinalIgnoreCase))
            return "Transfer-Encoding takes chunked and nothing else.";
        return HttpProtocol.IsHttp11(request.Protocol) ? null : "HTTP/1.0 has no Transfer-Encoding.";
    }

    /// <summary>Where Kestrel puts a Content-Length that came together with Transfer-Encoding.</summary>
    private const string MovedContentLength = "X-Content-Length";

    private static bool MayProbe(HttpContext context, int? port) =>
        context.Connection.LocalPort == port
        || context.Connection.RemoteIpAddress is { } address && System.Net.IPAddress.IsLoopback(address) && !WasForwarded(context.Request.Headers);

    /// <summary>A proxy on this machine speaks for somebody elsewhere.</summary>
    private static bool WasForwarded(IHeaderDictionary headers) =>
        headers.Any(header => ClientHeaders.ClaimsOrigin(header.Key));
}

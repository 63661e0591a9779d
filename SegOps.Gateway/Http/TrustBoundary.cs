using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using SegOps.Contracts;
using SegOps.ServiceDefaults.Health;
using SegOps.ServiceDefaults.Http;

namespace SegOps.Gateway.Http;

/// <summary>The first checks of a request. docs/security.md lists the attacks.</summary>
internal static class TrustBoundary
{
    /// <summary>The header to which Kestrel moves Content-Length if Transfer-Encoding is present.</summary>
    private const string MovedContentLength = "X-Content-Length";

    /// <summary>Refuses ambiguous framing and ignores Upgrade, so that every proxy sees the same plain HTTP/1.1 requests.</summary>
    internal static IApplicationBuilder UseFramingCheck(this IApplicationBuilder app) => app.Use(static (context, next) =>
    {
        if (FramingFault(context.Request) is { } fault)
        {
            context.Response.Headers.Connection = "close"; // The rest of the connection cannot be trusted.
            return Problems.WriteAsync(context, ErrorCodes.BadRequest, fault);
        }
        context.Request.Headers.Remove(HeaderNames.Upgrade); // No service supports another protocol.
        return next(context);
    });

    /// <summary>Restricts probes to this machine and to <see cref="ServerOptions.ProbePort"/>; answers 404 to others.</summary>
    internal static IApplicationBuilder UseProbeProtection(this IApplicationBuilder app)
    {
        var port = app.ApplicationServices.GetRequiredService<IOptions<ServerOptions>>().Value.ProbePort;
        return app.Use((context, next) =>
        {
            if (!HealthEndpoints.IsProbe(context.Request.Path) || MayProbe(context, port))
                return next(context);

            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
    }

    /// <summary>
    /// Answers 404 to a path that is still escaped after the server has decoded it. The next server would decode it again, so that
    /// <c>%252e%252e</c> could leave its route. Some servers also cut segments at semicolons. No path of the API needs these characters.
    /// </summary>
    internal static IApplicationBuilder UseEscapedPathCheck(this IApplicationBuilder app) => app.Use(static (context, next) =>
    {
        if (context.Request.Path.Value.AsSpan().IndexOfAny('%', '\\', ';') < 0)
            return next(context);

        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    });

    /// <summary>Kestrel reads the framing by the standard. A proxy with another interpretation would find the next request at another offset.</summary>
    private static string? FramingFault(HttpRequest request)
    {
        var encoding = request.Headers.TransferEncoding;
        if (encoding.Count == 0)
            return null;
        if (request.Headers.ContainsKey(HeaderNames.ContentLength) || request.Headers.ContainsKey(MovedContentLength))
            return "A request has either Content-Length or Transfer-Encoding.";
        if (encoding.Count > 1 || !string.Equals(encoding, "chunked", StringComparison.OrdinalIgnoreCase))
            return "Transfer-Encoding must be chunked.";
        return HttpProtocol.IsHttp11(request.Protocol) ? null : "HTTP/1.0 has no Transfer-Encoding.";
    }

    private static bool MayProbe(HttpContext context, int? port) =>
        context.Connection.LocalPort == port
        || context.Connection.RemoteIpAddress is { } address && System.Net.IPAddress.IsLoopback(address) && !WasForwarded(context.Request.Headers);

    /// <summary>Whether a proxy on this machine forwarded the request of a remote client.</summary>
    private static bool WasForwarded(IHeaderDictionary headers) =>
        headers.Any(header => ClientHeaders.ClaimsOrigin(header.Key));
}

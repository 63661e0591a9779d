using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using SegOps.Contracts;
using SegOps.ServiceDefaults.Health;
using SegOps.ServiceDefaults.Http;

namespace SegOps.Gateway.Http;

/// <summary>Checks of a request before anything else reads it. docs/security.md lists the attacks.</summary>
internal static class TrustBoundary
{
    /// <summary>Where Kestrel moves a Content-Length that came together with Transfer-Encoding.</summary>
    private const string MovedContentLength = "X-Content-Length";

    /// <summary>Refuses ambiguous framing and ignores Upgrade, so that every proxy sees the same plain HTTP/1.1 requests.</summary>
    internal static IApplicationBuilder UseFramingCheck(this IApplicationBuilder app) => app.Use(static (context, next) =>
    {
        if (FramingFault(context.Request) is { } fault)
        {
            context.Response.Headers.Connection = "close"; // The rest of the connection cannot be trusted.
            return Problems.WriteAsync(context, ErrorCodes.BadRequest, fault);
        }
        context.Request.Headers.Remove(HeaderNames.Upgrade); // No service behind uses another protocol.
        return next(context);
    });

    /// <summary>Answers 404 to probes from elsewhere: they are for this machine and for <see cref="ServerOptions.ProbePort"/> only.</summary>
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
    /// Answers 404 to a path that is still escaped after the server decoded it once. The next server would decode it again, so that
    /// <c>%252e%252e</c> could leave its route. Some servers also cut segments at semicolons. No path of the API needs these characters.
    /// </summary>
    internal static IApplicationBuilder UseEscapedPathCheck(this IApplicationBuilder app) => app.Use(static (context, next) =>
    {
        if (context.Request.Path.Value.AsSpan().IndexOfAny('%', '\\', ';') < 0)
            return next(context);

        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    });

    /// <summary>Kestrel reads the framing by the standard. A proxy that reads it otherwise would see the next request begin elsewhere.</summary>
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

    private static bool MayProbe(HttpContext context, int? port) =>
        context.Connection.LocalPort == port
        || context.Connection.RemoteIpAddress is { } address && System.Net.IPAddress.IsLoopback(address) && !WasForwarded(context.Request.Headers);

    /// <summary>Whether a proxy on this machine forwarded the request for a client elsewhere.</summary>
    private static bool WasForwarded(IHeaderDictionary headers) =>
        headers.Any(header => ClientHeaders.ClaimsOrigin(header.Key));
}

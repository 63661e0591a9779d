using SegOps.ServiceDefaults.Http;

namespace SegOps.Gateway.Http;

/// <summary>Tells the client in every answer which trace to name when it asks for help.</summary>
internal static class TraceIdHeader
{
    /// <summary>The response header: the request's W3C trace id, 32 hex digits.</summary>
    internal const string Name = "X-Trace-Id";

    /// <summary>Comes first in the pipeline, so that errors carry the header too.</summary>
    internal static IApplicationBuilder UseTraceIdHeader(this IApplicationBuilder app) => app.Use(static (context, next) =>
    {
        var traceId = Problems.TraceId(context);
        // Only now, because the exception handler clears all headers that were set before.
        context.Response.OnStarting(() =>
        {
            context.Response.Headers[Name] = traceId;
            return Task.CompletedTask;
        });
        return next(context);
    });
}

using SegOps.ServiceDefaults.Http;

namespace SegOps.Gateway.Http;

/// <summary>Adds the trace id to every answer, so that clients can quote it in support requests.</summary>
internal static class TraceIdHeader
{
    /// <summary>The response header: the request's W3C trace id, 32 hex digits.</summary>
    internal const string Name = "X-Trace-Id";

    /// <summary>Call it first in the pipeline, so that errors carry the header too.</summary>
    internal static IApplicationBuilder UseTraceIdHeader(this IApplicationBuilder app) => app.Use(static (context, next) =>
    {
        var traceId = Problems.TraceId(context);
        // Set when the answer starts, because the exception handler clears earlier headers.
        context.Response.OnStarting(() =>
        {
            context.Response.Headers[Name] = traceId;
            return Task.CompletedTask;
        });
        return next(context);
    });
}

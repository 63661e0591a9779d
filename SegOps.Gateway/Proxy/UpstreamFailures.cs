using Microsoft.AspNetCore.Http.Timeouts;
using SegOps.Contracts;
using SegOps.ServiceDefaults.Http;
using Yarp.ReverseProxy.Forwarder;

namespace SegOps.Gateway.Proxy;

/// <summary>Answers for a service that did not answer, and states whether it may have processed the request.</summary>
internal static partial class UpstreamFailures
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>Converts YARP's empty error answers to problem details.</summary>
    internal static IApplicationBuilder UseUpstreamFailures(this IApplicationBuilder app)
    {
        var logger = app.ApplicationServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(UpstreamFailures).FullName!);
        return app.Use(async (context, next) =>
        {
            await next(context);
            if (context.GetForwarderErrorFeature() is not { } failure || context.Response.HasStarted)
                return;

            var timedOut = failure.Error == ForwarderError.RequestTimedOut || TookTooLong(context);
            if (timedOut)
                context.RequestAborted = CancellationToken.None; // The timeout cancelled it; the client still waits.
            if (!context.RequestAborted.IsCancellationRequested)
                await AnswerAsync(context, failure, timedOut, logger);
        });
    }

    private static Task AnswerAsync(HttpContext context, IForwarderErrorFeature failure, bool timedOut, ILogger logger)
    {
        if (RefusedBody(failure) is { } refused)
            return Problems.WriteAsync(context, ErrorCatalog.CodeFor(refused.StatusCode), refused.Message, status: refused.StatusCode);

        var service = context.GetReverseProxyFeature().Cluster.Config.ClusterId;
        LogFailed(logger, service, failure.Error, failure.Exception);
        return Problems.WriteAsync(
            context,
            ErrorCodes.UpstreamUnavailable,
            Failover.NothingSent(failure)
                ? "The service could not be reached; nothing was accepted. Retry shortly."
                : "The service's answer was lost. The request may have been accepted: retry with the same event_id for each event.",
            RetryAfter,
            timedOut ? StatusCodes.Status504GatewayTimeout : StatusCodes.Status502BadGateway);
    }

    private static bool TookTooLong(HttpContext context) =>
        context.Features.Get<IHttpRequestTimeoutFeature>()?.RequestTimeoutToken.IsCancellationRequested == true;

    /// <summary>Kestrel's exception about the request body, if it caused the failure.</summary>
    private static BadHttpRequestException? RefusedBody(IForwarderErrorFeature failure) =>
        failure.Error is not (ForwarderError.RequestBodyClient or ForwarderError.Request) ? null
        : Causes(failure.Exception).OfType<BadHttpRequestException>().FirstOrDefault()
            // Kestrel reports the overflow of a chunk's size by this exception.
            ?? (Causes(failure.Exception).OfType<OverflowException>().Any() ? new BadHttpRequestException("A chunk's size is out of range.") : null);

    private static IEnumerable<Exception> Causes(Exception? exception) => exception switch
    {
        null => [],
        AggregateException several => several.InnerExceptions.SelectMany(Causes),
        _ => Causes(exception.InnerException).Prepend(exception),
    };

    [LoggerMessage(LogLevel.Warning, "The service {Service} did not answer ({Failure}).")]
    private static partial void LogFailed(ILogger logger, string service, ForwarderError failure, Exception? exception);
}

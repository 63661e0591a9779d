using SegOps.Gateway.Telemetry;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace SegOps.Gateway.Proxy;

/// <summary>
/// Repeats a request at another instance if the first cannot have processed it, or if processing it twice does no harm. Ingestion assigns the ids of
/// events that have none, so a repeated POST could count twice: it is repeated only if nothing was sent. docs/decisions/0024-failover.md.
/// </summary>
internal static class Failover
{
    /// <summary>Maximum number of instances that a request is sent to. It bounds the wait: connecting to each may take <c>Forwarding:ConnectTimeout</c>.</summary>
    private const int MaxAttempts = 3;

    /// <summary>Adds the repetition. The steps that choose an instance and forward to it come after it.</summary>
    internal static IApplicationBuilder UseFailover(this IApplicationBuilder app)
    {
        var telemetry = app.ApplicationServices.GetRequiredService<GatewayTelemetry>();
        return app.Use(async (context, next) =>
        {
            var proxy = context.GetReverseProxyFeature();
            var ready = proxy.AvailableDestinations;
            await next(context);
            if (MayRepeat(context))
                await RepeatAsync(context, proxy, ready, next, telemetry);
        });
    }

    /// <summary>Whether a request failed before any of it was sent to the instance.</summary>
    internal static bool NothingSent(IForwarderErrorFeature failure) => failure switch
    {
        { Error: ForwarderError.NoAvailableDestinations } => true,
        { Error: ForwarderError.Request, Exception: HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError } } => true,
        { Error: ForwarderError.RequestTimedOut, Exception: OperationCanceledException { InnerException: TimeoutException } } => true, // connecting
        _ => false,
    };

    private static async Task RepeatAsync(
        HttpContext context, IReverseProxyFeature proxy, IReadOnlyList<DestinationState> ready, RequestDelegate next, GatewayTelemetry telemetry)
    {
        var tried = new List<DestinationState>(MaxAttempts);
        do
        {
            if (proxy.ProxiedDestination is not { } failed)
                return;
            tried.Add(failed);
            var others = Except(ready, tried) is { Length: > 0 } untried ? untried : Except(proxy.AllDestinations, tried);
            if (others.Length == 0)
                return;

            telemetry.FailedOver(proxy.Cluster.Config.ClusterId);
            proxy.AvailableDestinations = others;
            proxy.ProxiedDestination = null;
            context.Features.Set<IForwarderErrorFeature>(null);
            context.Response.StatusCode = StatusCodes.Status200OK; // YARP does not forward a request that has an answer.
            await next(context);
        }
        while (tried.Count < MaxAttempts - 1 && MayRepeat(context));
    }

    private static bool MayRepeat(HttpContext context) =>
        context.GetForwarderErrorFeature() is { } failure && !context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested
        && (NothingSent(failure) || (failure.Error == ForwarderError.Request && IsSafe(context.Request.Method)));

    private static bool IsSafe(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method);

    private static DestinationState[] Except(IReadOnlyList<DestinationState> destinations, List<DestinationState> tried) =>
        [.. destinations.Where(destination => !tried.Contains(destination))];
}

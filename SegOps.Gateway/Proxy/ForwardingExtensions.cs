using System.Net.Mime;
using Microsoft.Extensions.Options;
using SegOps.Gateway.Http;
using SegOps.Gateway.Limits;
using SegOps.InternalApi;
using SegOps.ServiceDefaults.Configuration;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Transforms;

namespace SegOps.Gateway.Proxy;

/// <summary>Forwarding to the services behind, in one call before building and one after.</summary>
internal static class ForwardingExtensions
{
    /// <summary>Adds YARP with the routes of <see cref="Routes"/>; service discovery finds the services' addresses.</summary>
    internal static WebApplicationBuilder AddForwarding(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddInternalCalls();
        services.AddRequestTimeouts();
        services.AddValidatedOptions<ForwardingOptions>(ForwardingOptions.Section);
        services.AddSingleton<RequestHeaders>();
        services.AddSingleton<IForwarderHttpClientFactory, DiscoveringClientFactory>();
        services.AddSingleton<IProxyConfigProvider>(provider =>
        {
            var options = provider.GetRequiredService<IOptions<ForwardingOptions>>().Value;
            return new InMemoryConfigProvider(Routes.All(options), Routes.Clusters(options));
        });
        services.AddReverseProxy().AddTransforms(static transforms =>
        {
            transforms.RequestTransforms.Add(transforms.Services.GetRequiredService<RequestHeaders>());
            transforms.ResponseTransforms.Add(new ResponseHeaders());
            transforms.AddResponseTransform(LimitExtensions.ReadMonthUsed);
            transforms.AddResponseTransform(EndStreamAtShutdown);
            transforms.AddXForwarded(ForwardedTransformActions.Set);
        });
        return builder;
    }

    /// <summary>Maps the routes: those below <c>/api</c> for callers with a valid API key only, the page's for everybody.</summary>
    internal static WebApplication MapForwarding(this WebApplication app)
    {
        app.UseRequestTimeouts();
        app.MapReverseProxy(static pipeline =>
        {
            pipeline.UseLimits();
            pipeline.UseEscapedPathRefusal();
            pipeline.UseBodyLimit();
            pipeline.UseUpstreamFailures();
        }).RequireAuthorization();
        return app;
    }

    /// <summary>
    /// What is still escaped after the server decoded the path once would be decoded by whoever comes next, so that
    /// <c>%252e%252e</c> could climb out of its route; some servers cut segments at semicolons. None of our paths needs either.
    /// </summary>
    private static void UseEscapedPathRefusal(this IApplicationBuilder pipeline) => pipeline.Use(static (context, next) =>
    {
        if (context.Request.Path.Value.AsSpan().IndexOfAny('%', '\\', ';') < 0)
            return next(context);

        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    });

    /// <summary>A stream of events has no end that a shutdown could wait for: its client connects to another gateway, or to this one's next start.</summary>
    private static ValueTask EndStreamAtShutdown(ResponseTransformContext context)
    {
        var http = context.HttpContext;
        if (context.ProxyResponse?.Content.Headers.ContentType?.MediaType == MediaTypeNames.Text.EventStream)
            http.Response.RegisterForDispose(http.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(http.Abort));
        return ValueTask.CompletedTask;
    }
}

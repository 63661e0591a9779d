using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using SegOps.Contracts;
using SegOps.ServiceDefaults.Configuration;
using SegOps.ServiceDefaults.Http;

namespace SegOps.Gateway.Http;

/// <summary>Bounds what any one client, or all of them together, can take of the gateway.</summary>
internal static class ServerLimits
{
    /// <summary>Applies the validated <see cref="ServerOptions"/> to Kestrel.</summary>
    internal static WebApplicationBuilder AddServerLimits(this WebApplicationBuilder builder)
    {
        builder.Services.AddValidatedOptions<ServerOptions>(ServerOptions.Section);
        builder.Services.AddOptions<KestrelServerOptions>().Configure<IOptions<ServerOptions>>(static (kestrel, options) =>
        {
            kestrel.AddServerHeader = false;
            if (ValidOrNull(options) is not { } limits)
                return;
            kestrel.Limits.MaxConcurrentConnections = limits.MaxConnections;
            kestrel.Limits.MaxRequestHeadersTotalSize = limits.MaxHeaderBytes;
            kestrel.Limits.MaxRequestBodySize = limits.MaxDrainedBytes;
            kestrel.Limits.RequestHeadersTimeout = limits.HeadersTimeout;
        });
        return builder;
    }

    /// <summary>Answers 413 <c>body_too_large</c> to more than <see cref="ServerOptions.MaxBodyBytes"/>, declared or not.</summary>
    internal static IApplicationBuilder UseBodyLimit(this IApplicationBuilder app)
    {
        var options = app.ApplicationServices.GetRequiredService<IOptions<ServerOptions>>();
        return app.Use((context, next) =>
        {
            var limit = options.Value.MaxBodyBytes;
            if (context.Request.ContentLength > limit)
                return Problems.WriteAsync(context, ErrorCodes.BodyTooLarge, TooLarge(limit));
            if (context.Request.ContentLength is null)
                context.Request.Body = new LimitedBody(context.Request.Body, limit);
            return next(context);
        });
    }

    internal static string TooLarge(long limit) => $"No request takes more than {limit} bytes as sent. Split the batch.";

    /// <summary>Kestrel is configured before the settings are checked; faults are reported by that check, with all others.</summary>
    private static ServerOptions? ValidOrNull(IOptions<ServerOptions> options)
    {
        try
        {
            return options.Value;
        }
        catch (OptionsValidationException)
        {
            return null;
        }
    }
}

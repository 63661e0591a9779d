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
        builder.Services.AddValidatedOptions<ServerOptions, ServerOptionsValidator>(ServerOptions.Section);
        builder.Services.AddOptions<KestrelServerOptions>().Configure<IOptions<ServerOptions>>(static (kestrel, options) =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = options.Value.MaxConnections;
            kestrel.Limits.MaxRequestHeadersTotalSize = options.Value.MaxHeaderBytes;
            kestrel.Limits.MaxRequestBodySize = options.Value.MaxDrainedBytes;
            kestrel.Limits.RequestHeadersTimeout = options.Value.HeadersTimeout;
        });
        return builder;
    }

    /// <summary>Answers 413 <c>body_too_large</c> to what declares more than <see cref="ServerOptions.MaxBodyBytes"/>.</summary>
    internal static IApplicationBuilder UseBodyLimit(this IApplicationBuilder app)
    {
        var limit = app.ApplicationServices.GetRequiredService<IOptions<ServerOptions>>().Value.MaxBodyBytes;
        return app.Use((context, next) => context.Request.ContentLength > limit
            ? Problems.WriteAsync(context, ErrorCodes.BodyTooLarge, $"No request takes more than {limit} bytes as sent. Split the batch.")
            : next(context));
    }
}

using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using SegOps.Contracts;
using SegOps.ServiceDefaults.Configuration;
using SegOps.ServiceDefaults.Http;

namespace SegOps.Gateway.Http;

/// <summary>Bounds what any one client, or all of them together, can take of the gateway.</summary>
internal static class ServerLimits
{
    /// <summary>What a connection may have sent ahead of our reading, in bytes: an eighth of Kestrel's own default, for there can be many.</summary>
    private const long RequestBuffer = 128 * 1024;

    /// <summary>Applies the validated <see cref="ServerOptions"/> to Kestrel.</summary>
    internal static WebApplicationBuilder AddServerLimits(this WebApplicationBuilder builder)
    {
        // Before Kestrel exists: where a line ends must be the same to us and to whatever stands in front.
        AppContext.SetSwitch("Microsoft.AspNetCore.Server.Kestrel.DisableHttp1LineFeedTerminators", true);
        builder.Services.AddValidatedOptions<ServerOptions>(ServerOptions.Section)
            .Validate(
                static options => TrustedProxies.TryParse(options.TrustedProxies, out _),
                "Server:TrustedProxies takes networks with their prefix lengths, separated by commas: 10.0.0.0/8,fd00::/8.");
        builder.Services.AddSingleton<TrustedProxies>();
        builder.Services.AddSingleton<AddressLimit>();
        builder.Services.AddOptions<KestrelServerOptions>().Configure<IOptions<ServerOptions>>(static (kestrel, options) =>
        {
            kestrel.AddServerHeader = false;
            if (ValidOrNull(options) is not { } limits)
                return;
            kestrel.ConfigureEndpointDefaults(static endpoint =>
            {
                // TLS and HTTP/2 end in front of us: one protocol, one set of limits.
                endpoint.Protocols = HttpProtocols.Http1;
                endpoint.ApplicationServices.GetRequiredService<AddressLimit>().Guard(endpoint);
            });
            kestrel.Limits.MaxRequestLineSize = limits.MaxRequestLineBytes;
            kestrel.Limits.MaxRequestHeaderCount = limits.MaxHeaders;
            kestrel.Limits.KeepAliveTimeout = limits.KeepAliveTimeout;
            kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(limits.MinBodyRate, limits.BodyRateGrace);
            kestrel.Limits.MaxRequestBufferSize = Math.Max(RequestBuffer, Math.Max(limits.MaxHeaderBytes, limits.MaxRequestLineBytes));
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

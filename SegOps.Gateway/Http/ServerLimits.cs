using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using SegOps.ServiceDefaults.Configuration;

namespace SegOps.Gateway.Http;

/// <summary>The limits of the HTTP server: those of one client, and those of all clients together.</summary>
internal static class ServerLimits
{
    /// <summary>Bytes that a connection buffers before they are read: an eighth of Kestrel's default, because there can be many connections.</summary>
    private const long RequestBuffer = 128 * 1024;

    /// <summary>Applies the validated <see cref="ServerOptions"/> to Kestrel.</summary>
    internal static WebApplicationBuilder AddServerLimits(this WebApplicationBuilder builder)
    {
        // Must be set before Kestrel is created. Kestrel and the proxies in front must agree on line ends.
        AppContext.SetSwitch("Microsoft.AspNetCore.Server.Kestrel.DisableHttp1LineFeedTerminators", true);
        builder.Services.AddValidatedOptions<ServerOptions>(ServerOptions.Section)
            .Validate(
                static options => TrustedProxies.TryParse(options.TrustedProxies, out _),
                "Server:TrustedProxies must be networks with prefix lengths, separated by commas: 10.0.0.0/8,fd00::/8.");
        builder.Services.AddSingleton<TrustedProxies>();
        builder.Services.AddSingleton<UntrustedProxies>();
        builder.Services.AddSingleton<AddressConnectionLimit>();
        builder.Services.AddOptions<KestrelServerOptions>().Configure<IOptions<ServerOptions>>(static (kestrel, options) =>
        {
            kestrel.AddServerHeader = false;
            if (ValidOrNull(options) is not { } limits)
                return;
            kestrel.ConfigureEndpointDefaults(static endpoint =>
            {
                // The load balancer terminates TLS and HTTP/2. One protocol needs one set of limits.
                endpoint.Protocols = HttpProtocols.Http1;
                endpoint.ApplicationServices.GetRequiredService<AddressConnectionLimit>().Guard(endpoint);
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

    /// <summary>Null if the settings are invalid. Kestrel is configured before the check that reports them.</summary>
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

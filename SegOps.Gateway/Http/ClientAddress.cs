using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using SegOps.Gateway.Telemetry;
using IPNetwork = System.Net.IPNetwork;

namespace SegOps.Gateway.Http;

/// <summary>The client's address, and the form in which limits count it.</summary>
internal static class ClientAddress
{
    /// <summary>Bytes of an IPv6 address that identify the network. The network's owner chooses the rest.</summary>
    private const int NetworkBytes = 8;

    /// <summary>
    /// Takes the client's address from X-Forwarded-For if a trusted proxy sent it: the rightmost address that is not a trusted proxy.
    /// <see cref="UntrustedProxies"/> reports other senders.
    /// </summary>
    internal static IApplicationBuilder UseClientAddress(this IApplicationBuilder app)
    {
        var untrusted = app.ApplicationServices.GetRequiredService<UntrustedProxies>();
        app.Use((context, next) =>
        {
            untrusted.Check(context);
            return next(context);
        });
        var networks = app.ApplicationServices.GetRequiredService<TrustedProxies>().Networks;
        if (networks.Count == 0)
            return app; // ForwardedHeadersMiddleware trusts all addresses if its list is empty.

        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor, ForwardLimit = null };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var network in networks)
            options.KnownIPNetworks.Add(network);
        return app.UseForwardedHeaders(options);
    }

    /// <summary>The client of a request in the form of <see cref="Network"/>. Trusted proxies are resolved already.</summary>
    internal static IPAddress Of(HttpContext context) => Network(context.Connection.RemoteIpAddress ?? IPAddress.None);

    /// <summary>The IPv4 address, or the /64 network of an IPv6 address.</summary>
    internal static IPAddress Network(IPAddress address) =>
        address.IsIPv4MappedToIPv6 ? address.MapToIPv4()
        : address.AddressFamily == AddressFamily.InterNetworkV6
            ? new IPAddress([.. address.GetAddressBytes().AsSpan(0, NetworkBytes), .. new byte[NetworkBytes]])
        : address;
}

/// <summary>The networks of the load balancers in front: <see cref="ServerOptions.TrustedProxies"/>.</summary>
internal sealed class TrustedProxies(IOptions<ServerOptions> options)
{
    /// <summary>The networks; empty if no proxy is trusted.</summary>
    internal IReadOnlyList<IPNetwork> Networks { get; } = TryParse(options.Value.TrustedProxies, out var networks) ? networks : [];

    /// <summary>The address that limits count, see <see cref="ClientAddress.Network"/>; null for trusted proxies, which no limit counts.</summary>
    internal IPAddress? CountedAddress(IPAddress? address)
    {
        if (address is null)
            return null;
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return Networks.Any(network => network.Contains(address)) ? null : ClientAddress.Network(address);
    }

    /// <summary>Parses networks separated by commas.</summary>
    internal static bool TryParse(string text, out List<IPNetwork> networks)
    {
        networks = [];
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!IPNetwork.TryParse(part, out var network))
                return false;
            networks.Add(network);
        }
        return true;
    }
}

/// <summary>
/// Reports X-Forwarded-For from peers that are not trusted. One of them can be the load balancer: all its clients then share one address, and with it
/// the limits of one client.
/// </summary>
internal sealed partial class UntrustedProxies(TrustedProxies proxies, GatewayTelemetry telemetry, TimeProvider clock, ILogger<UntrustedProxies> logger)
{
    private static readonly TimeSpan LogInterval = TimeSpan.FromHours(1);
    private readonly Lock _lock = new();
    private long? _loggedAt;

    /// <summary>Counts the request if it carries the header and its peer is not trusted. Logs once an hour.</summary>
    internal void Check(HttpContext context)
    {
        if (!context.Request.Headers.ContainsKey(ForwardedHeadersDefaults.XForwardedForHeaderName) || proxies.CountedAddress(context.Connection.RemoteIpAddress) is null)
            return;
        telemetry.IgnoredForwardedFor();
        lock (_lock)
        {
            if (_loggedAt is { } before && clock.GetElapsedTime(before) < LogInterval)
                return;
            _loggedAt = clock.GetTimestamp();
        }
        LogIgnored();
    }

    [LoggerMessage(
        LogLevel.Warning,
        "X-Forwarded-For of a peer that is not trusted is ignored. If the peer is your load balancer, name its network in Server:TrustedProxies: until then limits count all its clients as one. Not logged again within an hour.")]
    private partial void LogIgnored();
}

using System.Net;
using System.Net.Sockets;

namespace SegOps.Gateway.Http;

/// <summary>Who calls, as far as addresses tell.</summary>
internal static class ClientAddress
{
    /// <summary>Bytes of an IPv6 address that name the network; the rest its owner chooses as he likes.</summary>
    private const int NetworkBytes = 8;

    /// <summary>What stands for the caller of a request, after trusted proxies; see <see cref="Network"/>.</summary>
    internal static IPAddress Of(HttpContext context) => Network(context.Connection.RemoteIpAddress ?? IPAddress.None);

    /// <summary>An IPv4 address itself, or the /64 network of an IPv6 address.</summary>
    internal static IPAddress Network(IPAddress address) =>
        address.IsIPv4MappedToIPv6 ? address.MapToIPv4()
        : address.AddressFamily == AddressFamily.InterNetworkV6
            ? new IPAddress([.. address.GetAddressBytes().AsSpan(0, NetworkBytes), .. new byte[NetworkBytes]])
        : address;
}

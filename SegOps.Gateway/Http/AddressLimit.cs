using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using SegOps.Gateway.Keys;

namespace SegOps.Gateway.Http;

/// <summary>Closes connections beyond <see cref="ServerOptions.MaxConnectionsPerAddress"/>, so that no one client takes them all.</summary>
internal sealed class AddressLimit(TrustedProxies proxies, IOptions<ServerOptions> options, IMeterFactory meters)
{
    /// <summary>Bytes of an IPv6 address that name the network; the rest its owner chooses as he likes.</summary>
    private const int NetworkBytes = 8;

    private readonly Counter<long> _refused = meters.Create(KeyMetrics.MeterName).CreateCounter<long>(
        "segops.gateway.refused_connections", "{connection}", "Connections closed because their address had too many already.");
    private readonly Dictionary<IPAddress, int> _open = [];

    /// <summary>Counts the connections of <paramref name="endpoint"/>.</summary>
    internal void Guard(ListenOptions endpoint) => endpoint.Use(next => async connection =>
    {
        if (CountedAddress(connection.RemoteEndPoint) is not { } address)
        {
            await next(connection);
        }
        else if (!TryEnter(address))
        {
            _refused.Add(1);
            connection.Abort();
        }
        else
        {
            try
            {
                await next(connection);
            }
            finally
            {
                Leave(address);
            }
        }
    });

    /// <summary>What stands for a caller: its IPv4 address, or the /64 network of its IPv6 address; null for whom no limit holds.</summary>
    private IPAddress? CountedAddress(EndPoint? remote)
    {
        if (remote is not IPEndPoint { Address: var address })
            return null;
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (proxies.Contains(address))
            return null;
        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? new IPAddress([.. address.GetAddressBytes().AsSpan(0, NetworkBytes), .. new byte[NetworkBytes]])
            : address;
    }

    private bool TryEnter(IPAddress address)
    {
        lock (_open)
        {
            var open = _open.GetValueOrDefault(address);
            if (open >= options.Value.MaxConnectionsPerAddress)
                return false;
            _open[address] = open + 1;
            return true;
        }
    }

    private void Leave(IPAddress address)
    {
        lock (_open)
        {
            if (_open[address] == 1)
                _open.Remove(address);
            else
                _open[address]--;
        }
    }
}

using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using SegOps.Gateway.Keys;

namespace SegOps.Gateway.Http;

/// <summary>Closes connections beyond <see cref="ServerOptions.MaxConnectionsPerAddress"/>, so that no one client takes them all.</summary>
internal sealed class AddressLimit(TrustedProxies proxies, IOptions<ServerOptions> options, IMeterFactory meters)
{
    private readonly Counter<long> _refused = meters.Create(KeyMetrics.MeterName).CreateCounter<long>(
        "segops.gateway.refused_connections", "{connection}", "Connections closed because their address had too many already.");
    private readonly Dictionary<IPAddress, int> _open = [];

    /// <summary>Counts the connections of <paramref name="endpoint"/>.</summary>
    internal void Guard(ListenOptions endpoint) => endpoint.Use(next => async connection =>
    {
        if (CountedAddress((connection.RemoteEndPoint as IPEndPoint)?.Address) is not { } address)
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

    /// <summary>What stands for a caller; null for whom no limit holds.</summary>
    internal IPAddress? CountedAddress(IPAddress? address)
    {
        if (address is null)
            return null;
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return proxies.Contains(address) ? null : ClientAddress.Network(address);
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

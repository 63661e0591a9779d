using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using SegOps.Gateway.Telemetry;

namespace SegOps.Gateway.Http;

/// <summary>Closes connections beyond <see cref="ServerOptions.MaxConnectionsPerAddress"/>, so that one client cannot use all connections.</summary>
internal sealed class AddressConnectionLimit(TrustedProxies proxies, IOptions<ServerOptions> options, GatewayTelemetry telemetry)
{
    private readonly Dictionary<IPAddress, int> _open = [];

    /// <summary>Counts the connections of <paramref name="endpoint"/>.</summary>
    internal void Guard(ListenOptions endpoint) => endpoint.Use(next => async connection =>
    {
        if (proxies.CountedAddress((connection.RemoteEndPoint as IPEndPoint)?.Address) is not { } address)
        {
            await next(connection);
        }
        else if (!TryEnter(address))
        {
            telemetry.RefusedConnection();
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

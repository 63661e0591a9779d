using System.Net;
using Microsoft.Extensions.Options;

namespace SegOps.Gateway.Http;

/// <summary>The load balancers in front, by their networks: <see cref="ServerOptions.TrustedProxies"/>.</summary>
internal sealed class TrustedProxies(IOptions<ServerOptions> options)
{
    /// <summary>Their networks; empty when nobody is trusted.</summary>
    internal IReadOnlyList<IPNetwork> Networks { get; } = TryParse(options.Value.TrustedProxies, out var networks) ? networks : [];

    /// <summary>Whether <paramref name="address"/>, in its shortest form, is one of them.</summary>
    internal bool Contains(IPAddress address) => Networks.Any(network => network.Contains(address));

    /// <summary>Reads networks separated by commas; an empty text is none.</summary>
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

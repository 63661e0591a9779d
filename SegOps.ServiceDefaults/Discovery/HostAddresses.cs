using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Primitives;
using Microsoft.Extensions.ServiceDiscovery;

namespace SegOps.ServiceDefaults.Discovery;

/// <summary>
/// Resolves a configured address whose host name has several IP addresses to one endpoint for each, because each is an instance:
/// <c>docker compose up --scale</c> and headless services of Kubernetes name all instances by one host. Addresses of https keep their name, which
/// the certificate contains.
/// </summary>
/// <param name="clock">The clock of <see cref="RefreshPeriod"/>.</param>
/// <param name="resolve">Returns the IP addresses of a host name; throws a <see cref="SocketException"/> if it has none.</param>
internal sealed class HostAddresses(TimeProvider clock, Func<string, CancellationToken, Task<IPAddress[]>> resolve) : IServiceEndpointProviderFactory, IServiceEndpointProvider
{
    /// <summary>Interval of resolving again: an instance that was added or removed is known after this time.</summary>
    internal static readonly TimeSpan RefreshPeriod = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, IReadOnlyList<IPAddress>> _known = new(StringComparer.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public bool TryCreateProvider(ServiceEndpointQuery query, [NotNullWhen(true)] out IServiceEndpointProvider? provider)
    {
        provider = this;
        return true;
    }

    /// <inheritdoc/>
    public async ValueTask PopulateAsync(IServiceEndpointBuilder endpoints, CancellationToken cancellationToken)
    {
        var named = endpoints.Endpoints.Where(endpoint => endpoint.EndPoint is UriEndPoint { Uri: var uri } && HasAddresses(uri)).ToList();
        foreach (var endpoint in named)
        {
            var uri = ((UriEndPoint)endpoint.EndPoint).Uri;
            var addresses = await AddressesAsync(uri.DnsSafeHost, cancellationToken);
            if (addresses.Count < 2)
                continue; // Connections resolve the name themselves.
            endpoints.Endpoints.Remove(endpoint);
            foreach (var address in addresses)
                endpoints.Endpoints.Add(ServiceEndpoint.Create(new UriEndPoint(new UriBuilder(uri) { Host = address.ToString() }.Uri), endpoint.Features));
        }

        if (named.Count > 0)
            endpoints.AddChangeToken(new CancellationChangeToken(new CancellationTokenSource(RefreshPeriod, clock).Token));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static bool HasAddresses(Uri uri) => uri is { IsLoopback: false, HostNameType: UriHostNameType.Dns } && uri.Scheme == Uri.UriSchemeHttp;

    /// <summary>
    /// The IPv4 addresses, or the others if there are none: an instance with one of each must not count twice. The last known ones if the name
    /// server fails.
    /// </summary>
    private async Task<IReadOnlyList<IPAddress>> AddressesAsync(string host, CancellationToken cancellationToken)
    {
        try
        {
            var addresses = await resolve(host, cancellationToken);
            return _known[host] = [.. addresses.GroupBy(address => address.AddressFamily).OrderByDescending(family => family.Key == AddressFamily.InterNetwork).First().Distinct()];
        }
        catch (SocketException)
        {
            return _known.GetValueOrDefault(host, []);
        }
    }
}

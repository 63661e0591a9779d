using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.ServiceDiscovery;
using Microsoft.Extensions.Time.Testing;
using SegOps.ServiceDefaults.Discovery;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Unit.ServiceDefaults;

/// <summary>Service discovery of a service whose instances have one host name.</summary>
public sealed class HostAddressesTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private ServiceProvider? _services;
    private IPAddress[] _addresses = [];

    [Fact]
    public async Task Endpoints_NameHasSeveralAddresses_AreOneForEach()
    {
        _addresses = [IPAddress.Parse("10.0.0.1"), IPAddress.Parse("10.0.0.2")];

        Assert.Equal("http://10.0.0.1:8080/, http://10.0.0.2:8080/", await EndpointsAsync("http://ingestion:8080"));
    }

    [Fact]
    public async Task Endpoints_NameHasOneAddress_AreTheName()
    {
        _addresses = [IPAddress.Parse("10.0.0.1")];

        Assert.Equal("http://ingestion:8080/", await EndpointsAsync("http://ingestion:8080"));
    }

    [Fact]
    public async Task Endpoints_NameHasAddressesOfBothFamilies_AreThoseOfOne()
    {
        _addresses = [IPAddress.Parse("fd00::1"), IPAddress.Parse("10.0.0.1"), IPAddress.Parse("10.0.0.2")];

        Assert.Equal("http://10.0.0.1:8080/, http://10.0.0.2:8080/", await EndpointsAsync("http://ingestion:8080"));
    }

    /// <summary>A local service is one instance, which listens on both loopback addresses.</summary>
    [Fact]
    public async Task Endpoints_NameIsLocalhost_AreTheName()
    {
        _addresses = [IPAddress.Parse("10.0.0.1"), IPAddress.Parse("10.0.0.2")];

        Assert.Equal("http://localhost:8080/", await EndpointsAsync("http://localhost:8080"));
    }

    [Fact]
    public async Task Endpoints_SeveralAreConfigured_AreAllOfThem() =>
        Assert.Equal("http://10.0.0.1:8080/, http://10.0.0.2:8080/", await EndpointsAsync("http://10.0.0.1:8080", "http://10.0.0.2:8080"));

    [Fact]
    public async Task Endpoints_InstanceIsAdded_AreFoundAfterTheRefreshPeriod()
    {
        _addresses = [IPAddress.Parse("10.0.0.1"), IPAddress.Parse("10.0.0.2")];
        await EndpointsAsync("http://ingestion:8080");
        _addresses = [.. _addresses, IPAddress.Parse("10.0.0.3")];

        _clock.Advance(HostAddresses.RefreshPeriod);

        await Eventually.IsAsync("http://10.0.0.1:8080/, http://10.0.0.2:8080/, http://10.0.0.3:8080/", () => EndpointsAsync());
    }

    [Fact]
    public async Task Endpoints_NameServerFails_AreTheLastOnes()
    {
        _addresses = [IPAddress.Parse("10.0.0.1"), IPAddress.Parse("10.0.0.2")];
        var before = await EndpointsAsync("http://ingestion:8080");
        _addresses = [];

        _clock.Advance(HostAddresses.RefreshPeriod);

        Assert.Equal(before, await EndpointsAsync());
    }

    public async ValueTask DisposeAsync()
    {
        if (_services is not null)
            await _services.DisposeAsync();
    }

    /// <summary>The endpoints of a service with <paramref name="addresses"/>, which the first call sets.</summary>
    private async Task<string> EndpointsAsync(params string[] addresses)
    {
        if (_services is null)
        {
            var settings = addresses.Select((address, index) => KeyValuePair.Create($"services:ingestion:http:{index}", (string?)address));
            var services = new ServiceCollection().AddLogging()
                .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build())
                .AddSingleton<TimeProvider>(_clock);
            services.AddServiceDiscovery();
            services.AddSingleton<IServiceEndpointProviderFactory>(new HostAddresses(_clock, (_, _) =>
                _addresses.Length > 0 ? Task.FromResult(_addresses) : throw new SocketException((int)SocketError.TryAgain)));
            _services = services.BuildServiceProvider();
        }
        var endpoints = await _services.GetRequiredService<ServiceEndpointResolver>().GetEndpointsAsync("http://ingestion", TestContext.Current.CancellationToken);
        return string.Join(", ", endpoints.Endpoints.Select(endpoint => endpoint.ToString()).Order(StringComparer.Ordinal));
    }
}

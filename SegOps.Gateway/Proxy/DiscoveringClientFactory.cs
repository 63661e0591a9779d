using Microsoft.Extensions.Options;
using Microsoft.Extensions.ServiceDiscovery.Http;
using Yarp.ReverseProxy.Forwarder;

namespace SegOps.Gateway.Proxy;

/// <summary>YARP's own client, which finds the services' addresses by service discovery at each request.</summary>
internal sealed class DiscoveringClientFactory(IServiceDiscoveryHttpMessageHandlerFactory discovery, IOptions<ForwardingOptions> options)
    : ForwarderHttpClientFactory
{
    /// <inheritdoc/>
    protected override void ConfigureHandler(ForwarderHttpClientContext context, SocketsHttpHandler handler)
    {
        base.ConfigureHandler(context, handler);
        handler.ConnectTimeout = options.Value.ConnectTimeout;
    }

    /// <inheritdoc/>
    protected override HttpMessageHandler WrapHandler(ForwarderHttpClientContext context, HttpMessageHandler handler) => discovery.CreateHandler(handler);
}

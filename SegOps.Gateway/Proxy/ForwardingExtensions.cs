using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using SegOps.InternalApi;
using SegOps.ServiceDefaults.Configuration;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace SegOps.Gateway.Proxy;

/// <summary>Registration of forwarding to the internal services.</summary>
internal static class ForwardingExtensions
{
    /// <summary>Adds YARP with <see cref="Routes"/> and <see cref="Transforms"/>. Service discovery resolves each service to its instances.</summary>
    internal static WebApplicationBuilder AddForwarding(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddInternalCalls();
        services.AddRequestTimeouts();
        services.AddValidatedOptions<ForwardingOptions>(ForwardingOptions.Section);
        services.AddSingleton<IForwarderHttpClientFactory, ClientFactory>();
        services.AddSingleton<IProxyConfigProvider>(provider =>
        {
            var options = provider.GetRequiredService<IOptions<ForwardingOptions>>().Value;
            return new InMemoryConfigProvider(Routes.All(options), Routes.Clusters(options));
        });
        services.AddReverseProxy().AddTransforms(Transforms.Add).AddServiceDiscoveryDestinationResolver();
        return builder;
    }

    /// <summary>YARP's client with <see cref="ForwardingOptions.ConnectTimeout"/>.</summary>
    private sealed class ClientFactory(IOptions<ForwardingOptions> options) : ForwarderHttpClientFactory
    {
        protected override void ConfigureHandler(ForwarderHttpClientContext context, SocketsHttpHandler handler)
        {
            base.ConfigureHandler(context, handler);
            handler.ConnectTimeout = options.Value.ConnectTimeout;
        }
    }
}

/// <summary>Configuration section <c>Forwarding</c>: timeouts of calls to the internal services.</summary>
internal sealed class ForwardingOptions
{
    internal const string Section = "Forwarding";

    /// <summary>Timeout of connecting to a service; then 502. Default 2 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00", ErrorMessage = "Forwarding:ConnectTimeout must be from 00:00:00.1 to 00:01:00.")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Maximum time without progress of body or answer; then 504. Default 30 s, above the services' own deadlines. 30 s are added for Segments, whose
    /// calls can wait that long for a change.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00", ErrorMessage = "Forwarding:ActivityTimeout must be from 00:00:01 to 00:10:00.")]
    public TimeSpan ActivityTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Timeout of a whole request to Monitoring; then 504. Default 2 minutes. Requests that send events or read segments have none, because a slow
    /// client's large body or export takes longer: <see cref="ActivityTimeout"/> bounds them.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ErrorMessage = "Forwarding:RequestTimeout must be from 00:00:01 to 01:00:00.")]
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromMinutes(2);
}

using System.ComponentModel.DataAnnotations;

namespace SegOps.Gateway.Proxy;

/// <summary>Configuration section <c>Forwarding</c>: how long the gateway waits for the services behind it.</summary>
internal sealed class ForwardingOptions
{
    internal const string Section = "Forwarding";

    /// <summary>How long connecting to a service may take; then 502. Default 2 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00", ErrorMessage = "Forwarding:ConnectTimeout must be from 00:00:00.1 to 00:01:00.")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long nothing at all may move, neither body nor answer; then 504. Default 30 s, above the services' own deadlines.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00", ErrorMessage = "Forwarding:ActivityTimeout must be from 00:00:01 to 00:10:00.")]
    public TimeSpan ActivityTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a request may take altogether, a slow client's body included; then 504. Default 2 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ErrorMessage = "Forwarding:RequestTimeout must be from 00:00:01 to 01:00:00.")]
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromMinutes(2);
}

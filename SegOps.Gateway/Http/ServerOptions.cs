using System.ComponentModel.DataAnnotations;
using SegOps.Contracts;

namespace SegOps.Gateway.Http;

/// <summary>Configuration section <c>Server</c>: limits of the gateway's own HTTP server.</summary>
internal sealed class ServerOptions
{
    internal const string Section = "Server";

    /// <summary>Maximum number of open connections; further ones are closed at once. Default 10,000.</summary>
    [Range(1, 1_000_000, ErrorMessage = "Server:MaxConnections must be from 1 to 1000000.")]
    public long MaxConnections { get; set; } = 10_000;

    /// <summary>
    /// Maximum number of open connections from one IPv4 address or IPv6 /64 network; further ones are closed at once. <see cref="TrustedProxies"/>
    /// are exempt. Default 1,000.
    /// </summary>
    [Range(1, 1_000_000, ErrorMessage = "Server:MaxConnectionsPerAddress must be from 1 to 1000000.")]
    public int MaxConnectionsPerAddress { get; set; } = 1_000;

    /// <summary>Maximum request line (method, target and version), in bytes; above it 414. Default 8 KiB.</summary>
    [Range(1024, 64 * 1024, ErrorMessage = "Server:MaxRequestLineBytes must be from 1024 to 65536.")]
    public int MaxRequestLineBytes { get; set; } = 8 * 1024;

    /// <summary>Maximum number of headers of a request; above it 431. Default 100.</summary>
    [Range(10, 1000, ErrorMessage = "Server:MaxHeaders must be from 10 to 1000.")]
    public int MaxHeaders { get; set; } = 100;

    /// <summary>Maximum total size of a request's headers, in bytes; above it 431. Default 16 KiB.</summary>
    [Range(1024, 1024 * 1024, ErrorMessage = "Server:MaxHeaderBytes must be from 1024 to 1048576.")]
    public int MaxHeaderBytes { get; set; } = 16 * 1024;

    /// <summary>
    /// Maximum body as sent, in bytes; above it 413. Default 12 MiB, above <see cref="EventLimits.MaxBatchBodyBytes"/>, so that Ingestion, which
    /// counts after decompression, reports its own limit.
    /// </summary>
    [Range(EventLimits.MaxBatchBodyBytes, int.MaxValue, ErrorMessage = "Server:MaxBodyBytes must be from 10485760 to 2147483647.")]
    public long MaxBodyBytes { get; set; } = EventLimits.MaxBatchBodyBytes + 2 * 1024 * 1024;

    /// <summary>
    /// Maximum bytes read of any body; above it the connection is closed. Default 256 MiB. A refused body is read and discarded for up to 5 s
    /// (Kestrel's limit), because a client does not read the answer if its connection closes while it sends.
    /// </summary>
    [Range(EventLimits.MaxBatchBodyBytes, int.MaxValue, ErrorMessage = "Server:MaxDrainedBytes must be from 10485760 to 2147483647.")]
    public long MaxDrainedBytes { get; set; } = 256 * 1024 * 1024;

    /// <summary>Maximum time to receive the headers. Default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00", ErrorMessage = "Server:HeadersTimeout must be from 00:00:01 to 00:05:00.")]
    public TimeSpan HeadersTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Maximum idle time of a connection. Default 130 s, above the 60 s or 120 s of most load balancers.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ErrorMessage = "Server:KeepAliveTimeout must be from 00:00:01 to 01:00:00.")]
    public TimeSpan KeepAliveTimeout { get; set; } = TimeSpan.FromSeconds(130);

    /// <summary>
    /// Minimum average rate of a body after <see cref="BodyRateGrace"/>, in bytes per second; below it 408. Default 200: a tenth of the rate of
    /// a phone on a poor network.
    /// </summary>
    [Range(1, 1_000_000, ErrorMessage = "Server:MinBodyRate must be from 1 to 1000000.")]
    public int MinBodyRate { get; set; } = EventLimits.MinBodyRate;

    /// <summary>Time before <see cref="MinBodyRate"/> applies. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:02", "00:05:00", ErrorMessage = "Server:BodyRateGrace must be from 00:00:02 to 00:05:00.")]
    public TimeSpan BodyRateGrace { get; set; } = EventLimits.BodyRateGrace;

    /// <summary>
    /// Maximum time without any byte of a body of more than 16 KiB; then 408. Default 20 s, below <c>Forwarding:ActivityTimeout</c>. Bodies
    /// have no total time.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00", ErrorMessage = "Server:BodyIdleTimeout must be from 00:00:01 to 00:10:00.")]
    public TimeSpan BodyIdleTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Networks of the load balancers in front, such as <c>10.0.0.0/8,fd00::/8</c>. X-Forwarded-For is read from them only. Default none:
    /// the header is ignored.
    /// </summary>
    public string TrustedProxies { get; set; } = "";

    /// <summary>
    /// A port on which <c>/health</c> and <c>/alive</c> answer all hosts: an unpublished port of ASPNETCORE_URLS. Default none: they
    /// answer this machine only.
    /// </summary>
    [Range(1, 65535, ErrorMessage = "Server:ProbePort must be from 1 to 65535.")]
    public int? ProbePort { get; set; }
}

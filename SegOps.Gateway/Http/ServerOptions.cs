using System.ComponentModel.DataAnnotations;
using SegOps.Contracts;

namespace SegOps.Gateway.Http;

/// <summary>Configuration section <c>Server</c>: limits of the gateway's own HTTP server.</summary>
internal sealed class ServerOptions
{
    internal const string Section = "Server";

    /// <summary>Open connections; further ones are closed at once. Default 10,000.</summary>
    [Range(1, 1_000_000, ErrorMessage = "Server:MaxConnections must be from 1 to 1000000.")]
    public long MaxConnections { get; set; } = 10_000;

    /// <summary>All headers of a request together, in bytes; over it 431. Default 16 KiB.</summary>
    [Range(1024, 1024 * 1024, ErrorMessage = "Server:MaxHeaderBytes must be from 1024 to 1048576.")]
    public int MaxHeaderBytes { get; set; } = 16 * 1024;

    /// <summary>
    /// A body as sent, in bytes; over it 413. Default 12 MiB: above <see cref="EventLimits.MaxBatchBodyBytes"/>, so
    /// that the service behind, which counts after decompression, is the one to say what its limit is.
    /// </summary>
    [Range(EventLimits.MaxBatchBodyBytes, int.MaxValue, ErrorMessage = "Server:MaxBodyBytes must be from 10485760 to 2147483647.")]
    public long MaxBodyBytes { get; set; } = EventLimits.MaxBatchBodyBytes + 2 * 1024 * 1024;

    /// <summary>
    /// A body of any kind, in bytes; over it the connection is cut. Default 256 MiB: what was refused is read to its end (for 5 s, Kestrel's
    /// own bound) and thrown away, for a client that is cut off in the middle of sending does not get to see why.
    /// </summary>
    [Range(EventLimits.MaxBatchBodyBytes, int.MaxValue, ErrorMessage = "Server:MaxDrainedBytes must be from 10485760 to 2147483647.")]
    public long MaxDrainedBytes { get; set; } = 256 * 1024 * 1024;

    /// <summary>How long a client may take to send its headers. Default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00", ErrorMessage = "Server:HeadersTimeout must be from 00:00:01 to 00:05:00.")]
    public TimeSpan HeadersTimeout { get; set; } = TimeSpan.FromSeconds(10);
}

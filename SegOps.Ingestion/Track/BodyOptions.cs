using System.ComponentModel.DataAnnotations;
using SegOps.Contracts;

namespace SegOps.Ingestion.Track;

/// <summary>Configuration section <c>Bodies</c>: what all requests together may hold in memory.</summary>
internal sealed class BodyOptions
{
    internal const string Section = "Bodies";

    /// <summary>
    /// Bytes of bodies, after decompression, of all requests that are not yet answered; what does not fit is answered 503. Default 256 MiB:
    /// 25 of the largest batches at once. Rows and their compressed form take about as much again.
    /// </summary>
    [Range(EventLimits.MaxBatchBodyBytes, long.MaxValue, ErrorMessage = "Bodies:MaxBytesInFlight must be at least 10485760, one batch of the largest size.")]
    public long MaxBytesInFlight { get; set; } = 256 * 1024 * 1024;
}

using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using SegOps.Contracts;

namespace SegOps.Ingestion.Bodies;

/// <summary>
/// Limits the total bytes of all requests' bodies. Bytes count when they arrive, not when they are announced: a client
/// that announces a large body and sends nothing uses no memory.
/// </summary>
internal sealed class BodyMemory(IOptions<BodyOptions> options)
{
    private long _inFlight;

    /// <summary>Starts counting a request.</summary>
    public Share Begin() => new(this);

    /// <summary>The bytes of a request; released on disposal.</summary>
    internal sealed class Share(BodyMemory memory) : IDisposable
    {
        private long _held;

        /// <summary>Adds <paramref name="bytes"/>; false if that would exceed the limit.</summary>
        public bool TryTake(int bytes)
        {
            if (Interlocked.Add(ref memory._inFlight, bytes) > memory.Limit)
            {
                Interlocked.Add(ref memory._inFlight, -bytes);
                return false;
            }
            _held += bytes;
            return true;
        }

        /// <inheritdoc/>
        public void Dispose() => Interlocked.Add(ref memory._inFlight, -Interlocked.Exchange(ref _held, 0));
    }

    private long Limit => options.Value.MaxBytesInFlight;
}

/// <summary>Configuration section <c>Bodies</c>: the total memory of all requests.</summary>
internal sealed class BodyOptions
{
    internal const string Section = "Bodies";

    /// <summary>
    /// Maximum bytes of bodies, after decompression, of all requests in progress. A request that does not fit is answered 503. Default
    /// 256 MiB: 25 of the largest batches at once. Rows and their compressed form need about the same again.
    /// </summary>
    [Range(EventLimits.MaxBatchBodyBytes, long.MaxValue, ErrorMessage = "Bodies:MaxBytesInFlight must be at least 10485760, one batch of the largest size.")]
    public long MaxBytesInFlight { get; set; } = 256 * 1024 * 1024;
}

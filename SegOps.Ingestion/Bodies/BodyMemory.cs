using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using SegOps.Contracts;

namespace SegOps.Ingestion.Bodies;

/// <summary>
/// Limits the total bytes of all requests' bodies. Bytes count when they arrive, not when they are announced: a client
/// that announces a large body and sends nothing uses no memory. Bodies that take longer than <see cref="SlowAfter"/> share half of it, so that
/// slow clients, however many, leave the other half to those whose bodies come at once.
/// </summary>
internal sealed class BodyMemory(IOptions<BodyOptions> options, TimeProvider time)
{
    /// <summary>Time from which a body is slow: 1 MB/s for the largest batch.</summary>
    public static readonly TimeSpan SlowAfter = TimeSpan.FromSeconds(10);

    private long _inFlight;
    private long _slow;

    /// <summary>Starts counting a request.</summary>
    public Share Begin() => new(this);

    private TimeProvider Time => time;

    private long Limit => options.Value.MaxBytesInFlight;

    private long SlowLimit => Math.Max(Limit / 2, EventLimits.MaxBatchBodyBytes);

    private static bool TryAdd(ref long total, long bytes, long limit)
    {
        if (Interlocked.Add(ref total, bytes) <= limit)
            return true;
        Interlocked.Add(ref total, -bytes);
        return false;
    }

    /// <summary>The bytes of a request; released on disposal.</summary>
    internal sealed class Share(BodyMemory memory) : IDisposable
    {
        private readonly long _began = memory.Time.GetTimestamp();
        private long _held;
        private long _slow;

        /// <summary>Adds <paramref name="bytes"/>; false if that would exceed a limit.</summary>
        public bool TryTake(int bytes)
        {
            if (!TryAdd(ref memory._inFlight, bytes, memory.Limit))
                return false;

            _held += bytes;
            if (memory.Time.GetElapsedTime(_began) <= SlowAfter)
                return true;
            if (!TryAdd(ref memory._slow, _held - _slow, memory.SlowLimit))
                return false;
            _slow = _held;
            return true;
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            Interlocked.Add(ref memory._inFlight, -Interlocked.Exchange(ref _held, 0));
            Interlocked.Add(ref memory._slow, -Interlocked.Exchange(ref _slow, 0));
        }
    }
}

/// <summary>Configuration section <c>Bodies</c>: limits of bodies while they arrive.</summary>
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

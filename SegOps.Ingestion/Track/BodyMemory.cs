using Microsoft.Extensions.Options;

namespace SegOps.Ingestion.Track;

/// <summary>
/// Bounds what the bodies of all requests hold together. Bytes count as they arrive, not as they are announced: a client that announces
/// much and sends nothing takes nothing from others.
/// </summary>
internal sealed class BodyMemory(IOptions<BodyOptions> options)
{
    private long _inFlight;

    /// <summary>Begins a request that holds nothing yet.</summary>
    public Share Begin() => new(this);

    /// <summary>What one request holds; given back when disposed of.</summary>
    internal sealed class Share(BodyMemory memory) : IDisposable
    {
        private long _held;

        /// <summary>Takes <paramref name="bytes"/> more, unless that would be too much.</summary>
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

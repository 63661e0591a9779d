using System.Buffers;
using Microsoft.Extensions.ObjectPool;
using ZstdSharp;

namespace SegOps.PubSub.Publishing;

/// <summary>Compresses a message's rows into a zstd frame. Compressors are reused, because each has about 1 MB of tables.</summary>
public sealed class MessageCompressor
{
    /// <summary>The fastest regular level. It compresses rows of events to a tenth.</summary>
    private const int Level = 1;

    private readonly ObjectPool<Compressor> _compressors = new DefaultObjectPoolProvider().Create(new Policy());

    /// <summary>Compresses <paramref name="rows"/>.</summary>
    /// <returns>A new array, because a publish can outlive the caller's wait.</returns>
    public byte[] Compress(ReadOnlySpan<byte> rows)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Compressor.GetCompressBound(rows.Length));
        var compressor = _compressors.Get();
        try
        {
            return buffer.AsSpan(0, compressor.Wrap(rows, buffer)).ToArray();
        }
        finally
        {
            _compressors.Return(compressor);
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private sealed class Policy : PooledObjectPolicy<Compressor>
    {
        public override Compressor Create() => new(Level);

        public override bool Return(Compressor obj) => true;
    }
}

using System.Buffers;

namespace SegOps.Ingestion.Requests;

/// <summary>A growing byte buffer. Its memory comes from the shared pool and returns to it on disposal.</summary>
internal sealed class PooledBuffer(int initialCapacity) : IDisposable
{
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(initialCapacity);

    /// <summary>The number of bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>The written bytes; invalid after the next write.</summary>
    public Span<byte> Written => _bytes.AsSpan(0, Length);

    /// <summary>The free space, at least <paramref name="minimum"/> bytes. The caller writes to it and calls <see cref="Advance"/>.</summary>
    public Span<byte> Free(int minimum) => FreeMemory(minimum).Span;

    /// <summary>As <see cref="Free"/>, for asynchronous reads.</summary>
    public Memory<byte> FreeMemory(int minimum)
    {
        if (_bytes.Length - Length < minimum)
            Grow(minimum);
        return _bytes.AsMemory(Length);
    }

    /// <summary>Counts <paramref name="count"/> bytes of <see cref="Free"/> as written.</summary>
    public void Advance(int count) => Length += count;

    /// <summary>Appends <paramref name="bytes"/>.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Free(bytes.Length));
        Length += bytes.Length;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        var bytes = _bytes;
        _bytes = [];
        Length = 0;
        if (bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(bytes);
    }

    private void Grow(int minimum)
    {
        var grown = ArrayPool<byte>.Shared.Rent(Math.Max(checked(Length + minimum), _bytes.Length * 2));
        Written.CopyTo(grown);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = grown;
    }
}

using System.Buffers;

namespace SegOps.EmbeddedClickHouse.Engine;

/// <summary>Exposes the engine's memory as <see cref="Memory{T}"/>, to send it without a copy.</summary>
internal sealed unsafe class NativeBytes(byte* start, long length)
{
    private readonly byte* _start = start;

    /// <summary>Length in bytes, which may exceed 2 GiB.</summary>
    public long Length { get; } = length;

    /// <summary>Returns a part of the bytes, valid until the owner is disposed.</summary>
    public ReadOnlyMemory<byte> Slice(long offset, int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + count, Length);
        return new Part(_start + offset, count).Memory;
    }

    private sealed class Part(byte* start, int length) : MemoryManager<byte>
    {
        private readonly byte* _start = start;
        private readonly int _length = length;

        public override Span<byte> GetSpan() => new(_start, _length);

        public override MemoryHandle Pin(int elementIndex = 0) => new(_start + elementIndex);

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}

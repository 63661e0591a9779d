using System.Runtime.InteropServices;

namespace SegOps.EmbeddedClickHouse.Engine;

/// <summary>A result's bytes and counters; the bytes live in the engine's memory until it is disposed of.</summary>
internal sealed unsafe class EngineResult : IDisposable
{
    private readonly ResultHandle _handle;
    private readonly NativeBytes _bytes;

    /// <exception cref="EngineException">The result is an error.</exception>
    internal EngineResult(ResultHandle handle)
    {
        _handle = handle;
        if (NativeMethods.ResultError(handle) is not 0 and var error)
        {
            var text = Marshal.PtrToStringUTF8(error)!;
            handle.Dispose();
            throw new EngineException(text);
        }

        _bytes = new NativeBytes((byte*)NativeMethods.ResultBuffer(handle), (long)NativeMethods.ResultLength(handle));
    }

    /// <summary>Length of the body in bytes.</summary>
    public long Length => _bytes.Length;

    /// <summary>What was read and written.</summary>
    public QueryStatistics Statistics => new(
        NativeMethods.RowsRead(_handle), NativeMethods.BytesRead(_handle),
        NativeMethods.RowsWritten(_handle), NativeMethods.BytesWritten(_handle), NativeMethods.ResultRows(_handle));

    /// <summary>A part of the body; valid until this is disposed of.</summary>
    public ReadOnlyMemory<byte> Slice(long offset, int length) => _bytes.Slice(offset, length);

    /// <summary>The whole body as text, for small results.</summary>
    public string Text() => Length == 0 ? "" : System.Text.Encoding.UTF8.GetString(Slice(0, checked((int)Length)).Span);

    public void Dispose() => _handle.Dispose();
}

/// <summary>The figures of X-ClickHouse-Summary that the engine counts.</summary>
internal readonly record struct QueryStatistics(ulong ReadRows, ulong ReadBytes, ulong WrittenRows, ulong WrittenBytes, ulong ResultRows);

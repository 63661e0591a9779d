using System.Runtime.InteropServices;

namespace SegOps.EmbeddedClickHouse.Engine;

/// <summary>A result's bytes and counters. The bytes are in the engine's memory until disposal.</summary>
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

    /// <summary>Counters of rows and bytes.</summary>
    public QueryStatistics Statistics => new(
        NativeMethods.RowsRead(_handle), NativeMethods.BytesRead(_handle),
        NativeMethods.RowsWritten(_handle), NativeMethods.BytesWritten(_handle), NativeMethods.ResultRows(_handle));

    /// <summary>Returns a part of the body, valid until disposal.</summary>
    public ReadOnlyMemory<byte> Slice(long offset, int length) => _bytes.Slice(offset, length);

    /// <summary>Returns the whole body as text. For small results.</summary>
    public string Text() => Length == 0 ? "" : System.Text.Encoding.UTF8.GetString(Slice(0, checked((int)Length)).Span);

    public void Dispose() => _handle.Dispose();
}

/// <summary>The engine's counters for X-ClickHouse-Summary.</summary>
internal readonly record struct QueryStatistics(ulong ReadRows, ulong ReadBytes, ulong WrittenRows, ulong WrittenBytes, ulong ResultRows);

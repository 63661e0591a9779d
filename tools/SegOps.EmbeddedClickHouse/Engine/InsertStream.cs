using System.Runtime.InteropServices;

namespace SegOps.EmbeddedClickHouse.Engine;

/// <summary>A running INSERT. Disposal before <see cref="Finish"/> cancels it.</summary>
internal sealed unsafe class InsertStream : IDisposable
{
    private readonly InsertStreamHandle _handle;
    private bool _finished;

    /// <exception cref="EngineException">The statement was refused.</exception>
    internal InsertStream(InsertStreamHandle handle)
    {
        _handle = handle;
        if (NativeMethods.InsertError(handle) is not 0 and var error)
        {
            var text = Marshal.PtrToStringUTF8(error)!;
            handle.Dispose();
            throw new EngineException(text);
        }
    }

    /// <summary>Appends data, which the engine copies. Blocks while the engine's buffer is full.</summary>
    /// <returns>False if the engine accepts no more data. <see cref="Finish"/> then throws the reason.</returns>
    public bool Append(ReadOnlySpan<byte> data)
    {
        fixed (byte* bytes = data)
            return data.IsEmpty || NativeMethods.Append(_handle, bytes, (nuint)data.Length) == 0;
    }

    /// <summary>Stores the appended data. Nothing is stored before.</summary>
    /// <exception cref="EngineException">The data were refused.</exception>
    public QueryStatistics Finish()
    {
        _finished = true;
        using var result = new EngineResult(NativeMethods.Done(_handle));
        return result.Statistics;
    }

    public void Dispose()
    {
        if (!_finished)
            NativeMethods.CancelInsert(_handle);
        _handle.Dispose();
    }
}

using System.Runtime.InteropServices;

namespace SegOps.EmbeddedClickHouse.Engine;

/// <summary>An INSERT under way. Disposing of it before <see cref="Finish"/> cancels it.</summary>
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

    /// <summary>Hands over a part of the data, which the engine copies; blocks while the engine is behind.</summary>
    /// <returns>False when the engine takes no more: <see cref="Finish"/> says why.</returns>
    public bool Append(ReadOnlySpan<byte> data)
    {
        fixed (byte* bytes = data)
            return data.IsEmpty || NativeMethods.Append(_handle, bytes, (nuint)data.Length) == 0;
    }

    /// <summary>Commits what was appended; only then is it stored.</summary>
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

using System.Runtime.InteropServices;

namespace SegOps.EmbeddedClickHouse.Engine;

/// <summary>A running SELECT. Each chunk is a complete document in the result's format.</summary>
internal sealed class ResultStream : IDisposable
{
    private readonly Connection _connection;
    private readonly ResultHandle _handle;
    private bool _ended;

    /// <exception cref="EngineException">The statement was refused.</exception>
    internal ResultStream(Connection connection, ResultHandle handle)
    {
        _connection = connection;
        _handle = handle;
        if (NativeMethods.ResultError(handle) is not 0 and var error)
        {
            var text = Marshal.PtrToStringUTF8(error)!;
            handle.Dispose();
            throw new EngineException(text);
        }
    }

    /// <summary>Waits for the next chunk. Null after the last.</summary>
    /// <exception cref="EngineException">The statement failed while running.</exception>
    public EngineResult? Fetch()
    {
        try
        {
            var chunk = new EngineResult(NativeMethods.FetchResult(_connection.Pointer, _handle));
            if (chunk.Length > 0)
                return chunk;

            _ended = true;
            chunk.Dispose();
            return null;
        }
        catch (EngineException)
        {
            _ended = true;
            throw;
        }
    }

    public void Dispose()
    {
        if (!_ended)
            NativeMethods.CancelQuery(_connection.Pointer, _handle);
        _handle.Dispose();
    }
}

using System.Runtime.InteropServices;

namespace SegOps.EmbeddedClickHouse.Engine;

/// <summary>A <c>chdb_connection*</c>. Calls take the value that it points to.</summary>
internal sealed class ConnectionHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    /// <summary>The connection as the engine's calls expect it.</summary>
    public nint Connection => Marshal.ReadIntPtr(handle);

    protected override bool ReleaseHandle()
    {
        NativeMethods.CloseConnection(handle);
        return true;
    }
}

/// <summary>A <c>chdb_result*</c>: a whole result, a chunk, or a stream of chunks.</summary>
internal sealed class ResultHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        NativeMethods.DestroyResult(handle);
        return true;
    }
}

/// <summary>A <c>chdb_insert_stream</c>. Releasing it before it is finished discards its data.</summary>
internal sealed class InsertStreamHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        NativeMethods.DestroyInsertStream(handle);
        return true;
    }
}

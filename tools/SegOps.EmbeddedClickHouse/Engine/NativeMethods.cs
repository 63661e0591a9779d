using System.Runtime.InteropServices;

namespace SegOps.EmbeddedClickHouse.Engine;

/// <summary>The functions of chdb.h that are used. Lengths are size_t, and texts need no terminating zero.</summary>
internal static unsafe partial class NativeMethods
{
    internal const string Library = "chdb";

    [LibraryImport(Library, EntryPoint = "chdb_set_signal_handlers_enabled")]
    internal static partial void SetSignalHandlersEnabled(int enabled);

    [LibraryImport(Library, EntryPoint = "chdb_connect")]
    internal static partial ConnectionHandle Connect(int count, byte** arguments);

    [LibraryImport(Library, EntryPoint = "chdb_close_conn")]
    internal static partial void CloseConnection(nint connection);

    [LibraryImport(Library, EntryPoint = "chdb_query_with_params_n")]
    internal static partial ResultHandle Query(
        nint connection, byte* sql, nuint sqlLength, byte* format, nuint formatLength,
        byte** names, nuint* nameLengths, byte** values, nuint* valueLengths, nuint count);

    [LibraryImport(Library, EntryPoint = "chdb_stream_query_with_params_n")]
    internal static partial ResultHandle StreamQuery(
        nint connection, byte* sql, nuint sqlLength, byte* format, nuint formatLength,
        byte** names, nuint* nameLengths, byte** values, nuint* valueLengths, nuint count);

    [LibraryImport(Library, EntryPoint = "chdb_stream_fetch_result")]
    internal static partial ResultHandle FetchResult(nint connection, ResultHandle stream);

    [LibraryImport(Library, EntryPoint = "chdb_stream_cancel_query")]
    internal static partial void CancelQuery(nint connection, ResultHandle stream);

    [LibraryImport(Library, EntryPoint = "chdb_destroy_query_result")]
    internal static partial void DestroyResult(nint result);

    [LibraryImport(Library, EntryPoint = "chdb_stream_insert_with_params_n")]
    internal static partial InsertStreamHandle StreamInsert(
        nint connection, byte* sql, nuint sqlLength, byte* format, nuint formatLength,
        byte** names, nuint* nameLengths, byte** values, nuint* valueLengths, nuint count);

    [LibraryImport(Library, EntryPoint = "chdb_stream_append")]
    internal static partial int Append(InsertStreamHandle stream, byte* data, nuint length);

    [LibraryImport(Library, EntryPoint = "chdb_stream_done")]
    internal static partial ResultHandle Done(InsertStreamHandle stream);

    [LibraryImport(Library, EntryPoint = "chdb_stream_cancel_insert")]
    internal static partial void CancelInsert(InsertStreamHandle stream);

    [LibraryImport(Library, EntryPoint = "chdb_stream_insert_error")]
    internal static partial nint InsertError(InsertStreamHandle stream);

    [LibraryImport(Library, EntryPoint = "chdb_destroy_insert_stream")]
    internal static partial void DestroyInsertStream(nint stream);

    [LibraryImport(Library, EntryPoint = "chdb_result_buffer")]
    internal static partial nint ResultBuffer(ResultHandle result);

    [LibraryImport(Library, EntryPoint = "chdb_result_length")]
    internal static partial nuint ResultLength(ResultHandle result);

    [LibraryImport(Library, EntryPoint = "chdb_result_error")]
    internal static partial nint ResultError(ResultHandle result);

    [LibraryImport(Library, EntryPoint = "chdb_result_storage_rows_read")]
    internal static partial ulong RowsRead(ResultHandle result);

    [LibraryImport(Library, EntryPoint = "chdb_result_storage_bytes_read")]
    internal static partial ulong BytesRead(ResultHandle result);

    [LibraryImport(Library, EntryPoint = "chdb_result_rows_written")]
    internal static partial ulong RowsWritten(ResultHandle result);

    [LibraryImport(Library, EntryPoint = "chdb_result_bytes_written")]
    internal static partial ulong BytesWritten(ResultHandle result);

    [LibraryImport(Library, EntryPoint = "chdb_result_rows_read")]
    internal static partial ulong ResultRows(ResultHandle result);

    [LibraryImport(Library, EntryPoint = "chdb_classify_query_n")]
    internal static partial int Classify(
        nint connection, byte* sql, nuint sqlLength, byte* database, nuint databaseLength, QueryAnalysis* analysis);

    [LibraryImport(Library, EntryPoint = "chdb_version")]
    internal static partial nint Version();

    /// <summary>chdb_query_analysis_v1.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct QueryAnalysis
    {
        public uint StructSize;
        public uint StatementCount;
        public uint Flags;
        public uint QueryClass;
    }
}

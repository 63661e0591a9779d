using System.Text;

namespace SegOps.EmbeddedClickHouse.Engine;

/// <summary>
/// A connection with its own settings, current database and temporary tables. It runs one statement at a time. Calls block, so they must not run
/// on a request's thread: see <see cref="EngineHost.RunAsync"/>.
/// </summary>
internal sealed unsafe class Connection(ConnectionHandle handle) : IDisposable
{
    private static readonly Dictionary<string, string> NoParameters = [];

    internal nint Pointer => handle.Connection;

    /// <summary>Runs an internal statement.</summary>
    /// <exception cref="EngineException">The engine refused the statement.</exception>
    public void Execute(string sql) => Query(Encoding.UTF8.GetBytes(sql), "Null", NoParameters).Dispose();

    /// <summary>Runs an internal query and returns tab-separated text.</summary>
    /// <exception cref="EngineException">The engine refused the statement.</exception>
    public string QueryText(string sql)
    {
        using var result = Query(Encoding.UTF8.GetBytes(sql), "TSVRaw", NoParameters);
        return result.Text().TrimEnd('\n');
    }

    /// <summary>Runs a statement. The engine keeps the whole result in memory.</summary>
    /// <exception cref="EngineException">The engine refused the statement.</exception>
    public EngineResult Query(ReadOnlySpan<byte> sql, string format, Dictionary<string, string> parameters)
    {
        using NativeTexts formats = new([format]), names = new(parameters.Keys), values = new(parameters.Values);
        fixed (byte* text = sql)
            return new(NativeMethods.Query(Pointer, text, (nuint)sql.Length, formats.Pointers[0], formats.Lengths[0],
                names.Pointers, names.Lengths, values.Pointers, values.Lengths, (nuint)parameters.Count));
    }

    /// <summary>Starts a SELECT with a chunked result.</summary>
    /// <exception cref="EngineException">The engine refused the statement, or it is not a SELECT.</exception>
    public ResultStream StreamQuery(ReadOnlySpan<byte> sql, string format, Dictionary<string, string> parameters)
    {
        using NativeTexts formats = new([format]), names = new(parameters.Keys), values = new(parameters.Values);
        fixed (byte* text = sql)
            return new(this, NativeMethods.StreamQuery(Pointer, text, (nuint)sql.Length, formats.Pointers[0], formats.Lengths[0],
                names.Pointers, names.Lengths, values.Pointers, values.Lengths, (nuint)parameters.Count));
    }

    /// <summary>Starts an INSERT, without its FORMAT clause. The data follow in chunks.</summary>
    /// <exception cref="EngineException">The engine refused the statement.</exception>
    public InsertStream StreamInsert(ReadOnlySpan<byte> sql, string format, Dictionary<string, string> parameters)
    {
        using NativeTexts formats = new([format]), names = new(parameters.Keys), values = new(parameters.Values);
        fixed (byte* text = sql)
            return new(NativeMethods.StreamInsert(Pointer, text, (nuint)sql.Length, formats.Pointers[0], formats.Lengths[0],
                names.Pointers, names.Lengths, values.Pointers, values.Lengths, (nuint)parameters.Count));
    }

    /// <summary>Classifies a statement with the engine's parser, without running it.</summary>
    public StatementClass Classify(ReadOnlySpan<byte> sql)
    {
        var analysis = new NativeMethods.QueryAnalysis { StructSize = (uint)sizeof(NativeMethods.QueryAnalysis) };
        fixed (byte* text = sql)
            return NativeMethods.Classify(Pointer, text, (nuint)sql.Length, null, 0, &analysis) == 0
                ? (StatementClass)analysis.QueryClass
                : StatementClass.Unknown;
    }

    public void Dispose() => handle.Dispose();
}

/// <summary>chdb_query_class: which state a statement changes.</summary>
internal enum StatementClass
{
    ReadOnly = 0,
    Mutating = 1,
    MutatingGlobal = 2,
    Control = 3,
    Unknown = 4,
}

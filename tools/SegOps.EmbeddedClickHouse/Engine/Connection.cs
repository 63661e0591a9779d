using System.Text;

namespace SegOps.EmbeddedClickHouse.Engine;

/// <summary>
/// One connection: its own settings, current database and temporary tables, one statement at a time. Every call blocks for as long as the
/// engine works, so none belongs on a request's thread: see <see cref="EngineHost.RunAsync"/>.
/// </summary>
internal sealed unsafe class Connection(ConnectionHandle handle) : IDisposable
{
    private static readonly Dictionary<string, string> NoParameters = [];

    internal nint Pointer => handle.Connection;

    /// <summary>Runs a statement of the front's own.</summary>
    /// <exception cref="EngineException">The engine refused it.</exception>
    public void Execute(string sql) => Query(Encoding.UTF8.GetBytes(sql), "Null", NoParameters).Dispose();

    /// <summary>Asks a question of the front's own; the answer is tab-separated text.</summary>
    /// <exception cref="EngineException">The engine refused it.</exception>
    public string Ask(string sql)
    {
        using var result = Query(Encoding.UTF8.GetBytes(sql), "TSVRaw", NoParameters);
        return result.Text().TrimEnd('\n');
    }

    /// <summary>Runs a statement and holds its whole result in the engine's memory.</summary>
    /// <exception cref="EngineException">The engine refused it.</exception>
    public EngineResult Query(ReadOnlySpan<byte> sql, string format, Dictionary<string, string> parameters)
    {
        using NativeTexts formats = new([format]), names = new(parameters.Keys), values = new(parameters.Values);
        fixed (byte* text = sql)
            return new(NativeMethods.Query(Pointer, text, (nuint)sql.Length, formats.Pointers[0], formats.Lengths[0],
                names.Pointers, names.Lengths, values.Pointers, values.Lengths, (nuint)parameters.Count));
    }

    /// <summary>Starts a SELECT whose result is fetched in chunks.</summary>
    /// <exception cref="EngineException">The engine refused it, or it is no SELECT.</exception>
    public ResultStream StreamQuery(ReadOnlySpan<byte> sql, string format, Dictionary<string, string> parameters)
    {
        using NativeTexts formats = new([format]), names = new(parameters.Keys), values = new(parameters.Values);
        fixed (byte* text = sql)
            return new(this, NativeMethods.StreamQuery(Pointer, text, (nuint)sql.Length, formats.Pointers[0], formats.Lengths[0],
                names.Pointers, names.Lengths, values.Pointers, values.Lengths, (nuint)parameters.Count));
    }

    /// <summary>Starts an INSERT (without its FORMAT clause) whose data follow in chunks.</summary>
    /// <exception cref="EngineException">The engine refused it.</exception>
    public InsertStream StreamInsert(ReadOnlySpan<byte> sql, string format, Dictionary<string, string> parameters)
    {
        using NativeTexts formats = new([format]), names = new(parameters.Keys), values = new(parameters.Values);
        fixed (byte* text = sql)
            return new(NativeMethods.StreamInsert(Pointer, text, (nuint)sql.Length, formats.Pointers[0], formats.Lengths[0],
                names.Pointers, names.Lengths, values.Pointers, values.Lengths, (nuint)parameters.Count));
    }

    /// <summary>What the engine's own parser makes of a statement, without running it.</summary>
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

/// <summary>chdb_query_class: what a statement does to what outlives it.</summary>
internal enum StatementClass
{
    ReadOnly = 0,
    Mutating = 1,
    MutatingGlobal = 2,
    Control = 3,
    Unknown = 4,
}

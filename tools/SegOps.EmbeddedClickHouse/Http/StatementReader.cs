using System.Buffers;
using System.Globalization;
using System.Text;
using SegOps.EmbeddedClickHouse.Engine;
using SegOps.EmbeddedClickHouse.Sql;

namespace SegOps.EmbeddedClickHouse.Http;

/// <summary>A call's statement.</summary>
/// <param name="Insert">The statement, if it is an INSERT with data.</param>
/// <param name="Head">The data of the INSERT read so far. For other statements, the whole statement.</param>
/// <param name="Buffer">The pooled array that holds <paramref name="Head"/>. Returned on disposal.</param>
internal sealed record StatementReader(InsertStatement? Insert, ReadOnlyMemory<byte> Head, byte[] Buffer) : IDisposable
{
    /// <summary>clickhouse-server's default of max_query_size: the longest statement in bytes, without an INSERT's data.</summary>
    private const int DefaultMaxQuerySize = 262_144;

    /// <summary>Reads up to the longest statement and splits it from its data.</summary>
    /// <exception cref="EngineException">The statement is too long or not allowed.</exception>
    public static async Task<StatementReader> ReadAsync(QueryRequest request, CancellationToken cancellationToken)
    {
        var limit = MaxQuerySize(request);
        var query = Encoding.UTF8.GetBytes(request.Query);
        var text = ArrayPool<byte>.Shared.Rent(query.Length + 1 + limit);
        try
        {
            return await ReadAsync(request, query, text, limit, cancellationToken);
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(text);
            throw;
        }
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(Buffer);

    private static async Task<StatementReader> ReadAsync(QueryRequest request, byte[] query, byte[] text, int limit, CancellationToken cancellationToken)
    {
        var length = query.Length;
        query.CopyTo(text, 0);
        if (length > 0)
            text[length++] = (byte)'\n';

        length += await request.Body.ReadAtLeastAsync(text.AsMemory(length), text.Length - length, throwOnEndOfStream: false, cancellationToken);
        var head = text.AsMemory(0, length);
        if (InsertSplitter.Split(head.Span, request.Flag("allow_settings_after_format_in_insert")) is { } insert)
            return new(insert, head[insert.DataStart..], text);
        if (length > limit)
            throw new EngineException(ErrorCode.SyntaxError, "SYNTAX_ERROR", $"Syntax error: Max query size exceeded (can be increased with the `max_query_size` setting, now {limit})");
        return new(null, head, text);
    }

    private static int MaxQuerySize(QueryRequest request) =>
        int.TryParse(request.Field("max_query_size"), NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            ? Math.Clamp(size, DefaultMaxQuerySize, 64 << 20)
            : DefaultMaxQuerySize;
}

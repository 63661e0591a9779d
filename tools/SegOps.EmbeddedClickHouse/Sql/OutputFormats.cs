using System.Collections.Frozen;

namespace SegOps.EmbeddedClickHouse.Sql;

/// <summary>Properties of the output formats.</summary>
internal static class OutputFormats
{
    /// <summary>clickhouse-server's default over HTTP.</summary>
    public const string Default = "TabSeparated";

    private const string WithNamesAndTypes = "RowBinaryWithNamesAndTypes";

    // The engine writes each chunk as a complete document. In these formats, concatenated documents are a valid document.
    private static readonly FrozenSet<string> Streamable = new[]
    {
        "TabSeparated", "TSV", "TabSeparatedRaw", "TSVRaw", "Raw", "CSV", "TSKV", "LineAsString", "RowBinary", WithNamesAndTypes, "Native",
        "JSONEachRow", "JSONLines", "NDJSON", "JSONStringsEachRow", "JSONCompactEachRow", "JSONCompactStringsEachRow", "MsgPack", "Null",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a result can be sent in chunks.</summary>
    public static bool IsStreamable(string format) => Streamable.Contains(format);

    /// <summary>clickhouse-server's media type for a format.</summary>
    public static string ContentType(string format) => format switch
    {
        _ when format.StartsWith("TabSeparated", StringComparison.OrdinalIgnoreCase) || format.StartsWith("TSV", StringComparison.OrdinalIgnoreCase) =>
            "text/tab-separated-values; charset=UTF-8",
        _ when format.StartsWith("CSV", StringComparison.OrdinalIgnoreCase) => "text/csv; charset=UTF-8; header=absent",
        _ when format.Contains("EachRow", StringComparison.OrdinalIgnoreCase) => "application/x-ndjson; charset=UTF-8",
        _ when format.StartsWith("JSON", StringComparison.OrdinalIgnoreCase) => "application/json; charset=UTF-8",
        "RowBinary" or "RowBinaryWithNames" or WithNamesAndTypes or "Native" or "MsgPack" or "Parquet" or "Arrow" or "ArrowStream" or "ORC" =>
            "application/octet-stream",
        _ => "text/plain; charset=UTF-8",
    };

    /// <summary>Returns the length in bytes of the header that every chunk repeats.</summary>
    public static int RepeatedHeader(string format, ReadOnlySpan<byte> firstChunk)
    {
        if (!format.Equals(WithNamesAndTypes, StringComparison.OrdinalIgnoreCase))
            return 0;

        var position = 0;
        var texts = 2 * ReadLength(firstChunk, ref position);
        for (var text = 0; text < texts; text++)
        {
            var length = ReadLength(firstChunk, ref position);
            position += length;
        }

        return position;
    }

    private static int ReadLength(ReadOnlySpan<byte> bytes, ref int position)
    {
        var value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var part = bytes[position++];
            value |= (part & 0x7f) << shift;
            if (part < 0x80)
                return value;
        }
    }
}

namespace SegOps.Segments.Evaluation;

/// <summary>
/// Reads JSON text. ClickHouse writes raw values in one form: without white space, with the shortest digits, and with escapes only where JSON requires
/// them. So the first character tells the type. An absent value is the empty string.
/// </summary>
internal static class JsonSql
{
    /// <summary>
    /// The raw value at <paramref name="path"/> in the object <paramref name="json"/>. If a name occurs twice the last one counts, as in the readers of
    /// other languages, while ClickHouse's functions take the first one. Reading all members is slow, so that is done only if a name of the path can occur twice:
    /// in quotes, or anywhere with escapes.
    /// </summary>
    internal static string Raw(string json, IReadOnlyList<string> path)
    {
        if (path.Count == 0)
            return json;
        var first = $"JSONExtractRaw({json}, {string.Join(", ", path.Select(SqlLiteral.Text))})";
        var last = path.Aggregate(json, static (value, name) =>
            $"tupleElement(arrayLast(m -> tupleElement(m, 1) = {SqlLiteral.Text(name)}, JSONExtractKeysAndValuesRaw({value})), 2)");
        var isRepeated = path.Select(name => $"countSubstrings({json}, {SqlLiteral.Text($"\"{name}\"")}) > 1").Prepend($"position({json}, '\\\\') > 0");
        return $"if({string.Join(" OR ", isRepeated)}, {last}, {first})";
    }

    internal static string IsSet(string raw) => $"{raw} NOT IN ('', 'null')";

    internal static string IsText(string raw) => $"startsWith({raw}, '\"')";

    internal static string IsNumber(string raw) => $"(ascii({raw}) = 45 OR ascii({raw}) BETWEEN 48 AND 57)";

    internal static string IsArray(string raw) => $"startsWith({raw}, '[')";

    internal static string Text(string raw, bool ignoreCase = false) => ignoreCase ? $"lowerUTF8(JSONExtractString({raw}))" : $"JSONExtractString({raw})";

    internal static string Number(string raw) => $"JSONExtractFloat({raw})";

    /// <summary>The same string for equal values, and others for others. Adding 0 makes -0 to 0.</summary>
    internal static string Canonical(string raw) => $"if({IsNumber(raw)}, toString({Number(raw)} + 0e0), {raw})";

    /// <summary>Whether ClickHouse writes <paramref name="text"/> without escapes.</summary>
    internal static bool IsPlain(string text) => text.All(static c => char.IsAsciiLetterOrDigit(c) || c is ' ' or '_' or '-' or '.' or '@' or '+' or ':');
}

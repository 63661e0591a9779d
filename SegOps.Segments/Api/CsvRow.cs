using System.Buffers;
using System.Text.Json;

namespace SegOps.Segments.Api;

/// <summary>Cells of CSV as RFC 4180 describes them, which spreadsheets do not run as formulas.</summary>
internal static class CsvRow
{
    private static readonly SearchValues<char> Quoted = SearchValues.Create("\",\r\n");

    /// <summary>A cell with a text of a user.</summary>
    internal static string Cell(string text)
    {
        // Spreadsheets run what begins with these characters, and skip leading tabs and line ends.
        var defused = text is ['=' or '+' or '-' or '@' or '\t' or '\r' or '\n', ..] ? "'" + text : text;
        return defused.AsSpan().ContainsAny(Quoted) ? $"\"{defused.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : defused;
    }

    /// <summary>A cell with a JSON value: strings as they are, numbers, and the JSON of others. An unset value is an empty cell.</summary>
    internal static string Cell(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => "",
        JsonValueKind.String => Cell(value.GetString()!),
        JsonValueKind.Number => value.GetRawText(), // A negative number is no formula.
        _ => Cell(value.GetRawText()),
    };
}

using System.Globalization;
using System.Text;

namespace SegOps.Segments.Evaluation;

/// <summary>
/// Writes values into statements. Parameters are part of the URL, which is too short for the values of a rule. A string consists of letters, digits and
/// spaces, and <c>\xHH</c> for each other byte of its UTF-8. So it contains no quote, no brace and no other backslash.
/// </summary>
internal static class SqlLiteral
{
    /// <summary>The earliest and the latest time of DateTime64 in microseconds that is written. No event occurs outside of them.</summary>
    internal const long MinMicros = 0, MaxMicros = 10_413_791_999_999_999;

    /// <summary>A string.</summary>
    internal static string Text(string value)
    {
        var literal = new StringBuilder(value.Length + 2).Append('\'');
        foreach (var unit in Encoding.UTF8.GetBytes(value))
        {
            if (char.IsAsciiLetterOrDigit((char)unit) || unit is (byte)' ' or (byte)'_')
                literal.Append((char)unit);
            else
                literal.Append(CultureInfo.InvariantCulture, $"\\x{unit:x2}");
        }
        return literal.Append('\'').ToString();
    }

    /// <summary>A double, exactly.</summary>
    internal static string Number(double value)
    {
        var text = (value == 0 ? 0 : value).ToString("R", CultureInfo.InvariantCulture);
        return text.Contains('E', StringComparison.Ordinal) || text.Contains('.', StringComparison.Ordinal) ? text : text + "e0";
    }

    /// <summary>A time as DateTime64.</summary>
    internal static string Time(long micros) =>
        string.Create(CultureInfo.InvariantCulture, $"fromUnixTimestamp64Micro({Math.Clamp(micros, MinMicros, MaxMicros)}, 'UTC')");

    /// <summary>A list in brackets.</summary>
    internal static string List(IEnumerable<string> literals) => $"[{string.Join(", ", literals)}]";

    /// <summary>A list in parentheses.</summary>
    internal static string Tuple(IEnumerable<string> literals) => $"({string.Join(", ", literals)})";
}

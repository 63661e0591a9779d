using System.Globalization;
using System.Text.RegularExpressions;

namespace SegOps.Warehouse;

/// <summary>ClickHouse answered with an error.</summary>
/// <param name="code">See <see cref="Code"/>.</param>
/// <param name="status">The HTTP status.</param>
/// <param name="message">ClickHouse's message. It may quote the data and must not be logged.</param>
public sealed partial class ClickHouseException(int code, int status, string message) : Exception(message)
{
    /// <summary>Maximum characters of a message. The rest repeats the data.</summary>
    private const int MaxMessageLength = 4000;

    /// <summary>ClickHouse's error number; 0 if the answer has none, for example from a proxy.</summary>
    public int Code { get; } = code;

    /// <summary>The HTTP status.</summary>
    public int Status { get; } = status;

    /// <summary>The number and name, such as <c>252 TOO_MANY_PARTS</c>, without data.</summary>
    public string Name => Code == 0
        ? $"HTTP status {Status}"
        : NamePattern().Matches(Message) is [.., var name] ? $"{Code} {name.Groups[1].Value}" : $"{Code}";

    /// <summary>Reads an error answer; <paramref name="codeHeader"/> is X-ClickHouse-Exception-Code, which proxies may drop.</summary>
    public static ClickHouseException From(int status, string? codeHeader, string body)
    {
        if (!int.TryParse(codeHeader, CultureInfo.InvariantCulture, out var code) && CodePattern().Match(body) is { Success: true } match)
            code = int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
        return new ClickHouseException(code, status, body.Length > MaxMessageLength ? body[..MaxMessageLength] : body);
    }

    [GeneratedRegex(@"^Code: (\d{1,6})\.")]
    private static partial Regex CodePattern();

    [GeneratedRegex(@"\(([A-Z][A-Z0-9_]{2,60})\)")]
    private static partial Regex NamePattern();
}

using System.Buffers.Text;
using System.Globalization;
using System.Text;
using SegOps.InternalApi;
using SegOps.Warehouse;

namespace SegOps.Monitoring.Errors;

/// <summary>
/// The position of the next page of groups. All pages of a listing end at the time of the first page's request. So a group that is
/// seen again keeps its position, and no group is repeated or omitted. One exception: rows that are stored late, for example after an outage,
/// can move a group that was not shown yet.
/// </summary>
/// <param name="Until">The end of the listing; UTC, in microseconds.</param>
/// <param name="LastSeen">Of the last group shown.</param>
/// <param name="Code">Of the last group shown.</param>
/// <param name="Field">Of the last group shown.</param>
internal sealed record ErrorsCursor(DateTime Until, DateTime LastSeen, string Code, string Field)
{
    /// <summary>Maximum length: the longest field and code, and two times, as base64url.</summary>
    private const int MaxLength = 1024;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    // ClickHouse's DateTime64(6) ends in 2299.
    private static readonly long MaxMicroseconds = (long)(new DateTime(2200, 1, 1, 0, 0, 0, DateTimeKind.Utc) - DateTime.UnixEpoch).TotalMicroseconds;

    /// <summary>Reads the parameter <c>cursor</c>; null if absent.</summary>
    internal static ErrorsCursor? Parse(string? text) => text is null
        ? null
        : Read(text) ?? throw new InvalidParameterException("cursor takes the next_cursor of an earlier answer.");

    /// <summary>The opaque text for the client.</summary>
    internal string Write() => Base64Url.EncodeToString(
        Utf8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{QueryValues.Micros(Until)} {QueryValues.Micros(LastSeen)} {Code} {Field}")));

    private static ErrorsCursor? Read(string text)
    {
        if (text.Length > MaxLength || !Base64Url.IsValid(text))
            return null;
        try
        {
            var parts = Utf8.GetString(Base64Url.DecodeFromChars(text)).Split(' ', 4);
            return parts.Length == 4 && Time(parts[0]) is { } until && Time(parts[1]) is { } lastSeen && lastSeen <= until && parts[2].All(IsOfCodes)
                ? new(until, lastSeen, parts[2], parts[3])
                : null;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    // Allows codes that this build does not know, because Ingestion may be newer.
    private static bool IsOfCodes(char character) => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '_';

    private static DateTime? Time(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds) && microseconds <= MaxMicroseconds
            ? DateTime.UnixEpoch.AddMicroseconds(microseconds)
            : null;
}

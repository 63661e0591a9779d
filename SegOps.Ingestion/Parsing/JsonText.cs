using System.Globalization;
using System.Text.Json;

namespace SegOps.Ingestion.Parsing;

/// <summary>Result of <see cref="JsonText.Decode"/>.</summary>
internal enum JsonTextResult
{
    /// <summary>The text is within its limit.</summary>
    Valid,

    /// <summary>The text exceeds its limit.</summary>
    TooLong,

    /// <summary>An escape is an unpaired surrogate, which has no UTF-8 form.</summary>
    UnpairedSurrogate,
}

/// <summary>Decodes the reader's strings and property names without allocating. A text without escapes is not copied.</summary>
/// <param name="limit">Maximum length, in Unicode scalar values.</param>
internal sealed class JsonText(int limit)
{
    /// <summary>Maximum bytes of a scalar value in JSON: a surrogate pair, as two escapes of six bytes.</summary>
    private const int MaxEncodedBytes = 12;

    private byte[]? _scratch;

    /// <summary>Decodes the string or property name at the position of <paramref name="reader"/>. Never throws on valid JSON in valid UTF-8.</summary>
    /// <param name="reader">Over one contiguous body.</param>
    /// <param name="text">UTF-8; overwritten by the next call. Empty unless the result is valid.</param>
    public JsonTextResult Decode(scoped in Utf8JsonReader reader, out ReadOnlySpan<byte> text)
    {
        text = default;
        var raw = reader.ValueSpan;
        if (raw.Length > limit * MaxEncodedBytes)
            return JsonTextResult.TooLong;

        if (reader.ValueIsEscaped)
        {
            if (IndexOfUnpairedSurrogate(raw, 0) >= 0)
                return JsonTextResult.UnpairedSurrogate;
            _scratch ??= new byte[limit * MaxEncodedBytes];
            raw = _scratch.AsSpan(0, reader.CopyString(_scratch));
        }

        if (raw.Length > limit && CountScalars(raw) > limit)
            return JsonTextResult.TooLong;

        text = raw;
        return JsonTextResult.Valid;
    }

    /// <summary>Length of the current string of <paramref name="reader"/>, in Unicode scalar values; an unpaired surrogate counts as one.</summary>
    public static int CountScalars(scoped in Utf8JsonReader reader)
    {
        var count = 0;
        var rest = reader.ValueSpan;
        for (var escape = rest.IndexOf((byte)'\\'); escape >= 0; escape = rest.IndexOf((byte)'\\'))
        {
            count += CountScalars(rest[..escape]) + 1;
            rest = rest[escape..];
            rest = rest[(rest[1] != 'u' ? 2 : IsPair(rest) ? 12 : 6)..];
        }

        return count + CountScalars(rest);
    }

    /// <summary>Position of the first escape of half a surrogate pair in the JSON string <paramref name="raw"/>; -1 if there is none.</summary>
    /// <param name="raw">The string as it stands in the body, without its quotes.</param>
    /// <param name="from">Where to begin: not within an escape or a pair.</param>
    public static int IndexOfUnpairedSurrogate(ReadOnlySpan<byte> raw, int from)
    {
        // Few strings have one. Looking for its first characters is much faster than looking at every escape.
        if (raw[from..].IndexOf("\\ud"u8) < 0 && raw[from..].IndexOf("\\uD"u8) < 0)
            return -1;

        for (var at = from; raw[at..].IndexOf((byte)'\\') is >= 0 and var escape;)
        {
            at += escape;
            var paired = IsPair(raw[at..]);
            if (!paired && char.IsSurrogate(CodeUnit(raw[at..])))
                return at;
            at += paired ? 12 : 2;
        }

        return -1;
    }

    private static int CountScalars(ReadOnlySpan<byte> utf8)
    {
        var count = 0;
        foreach (var unit in utf8)
        {
            if ((unit & 0xC0) != 0x80)
                count++;
        }

        return count;
    }

    /// <summary>Whether <paramref name="text"/> begins with the escapes of a surrogate pair.</summary>
    private static bool IsPair(ReadOnlySpan<byte> text) => char.IsHighSurrogate(CodeUnit(text)) && char.IsLowSurrogate(CodeUnit(text[6..]));

    /// <summary>The UTF-16 unit of the <c>\uXXXX</c> that <paramref name="text"/> begins with; 0 for any other beginning.</summary>
    private static char CodeUnit(ReadOnlySpan<byte> text) =>
        text.Length >= 6 && text[0] == '\\' && text[1] == 'u'
            && ushort.TryParse(text[2..6], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit)
            ? (char)unit
            : '\0';
}

/// <summary>Checks the text of an event type.</summary>
internal static class EventTypeText
{
    /// <summary>Whether <paramref name="name"/> begins with a letter and consists of words of a-z and 0-9, joined by single underscores.</summary>
    public static bool IsSnakeCase(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty || !char.IsAsciiLetterLower((char)name[0]) || name[^1] == '_')
            return false;

        for (var i = 1; i < name.Length; i++)
        {
            var character = (char)name[i];
            if (character == '_' ? name[i - 1] == '_' : !char.IsAsciiLetterLower(character) && !char.IsAsciiDigit(character))
                return false;
        }

        return true;
    }

    /// <summary>Whether <paramref name="text"/>, valid UTF-8, contains a control character (Unicode category Cc).</summary>
    public static bool HasControlCharacters(ReadOnlySpan<byte> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            // U+0080 to U+009F are C2 80 to C2 9F.
            if (text[i] is < 0x20 or 0x7F || (text[i] == 0xC2 && text[i + 1] < 0xA0))
                return true;
        }

        return false;
    }
}

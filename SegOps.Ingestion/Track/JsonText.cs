using System.Globalization;
using System.Text.Json;

namespace SegOps.Ingestion.Track;

/// <summary>What <see cref="JsonText.Decode"/> found.</summary>
internal enum JsonTextResult
{
    /// <summary>The text is within its limit.</summary>
    Valid,

    /// <summary>The text is longer than its limit.</summary>
    TooLong,

    /// <summary>An escape stands for half a surrogate pair: such text has no UTF-8 form.</summary>
    UnpairedSurrogate,
}

/// <summary>Decodes the reader's strings and property names without allocating: what holds no escape is not even copied.</summary>
/// <param name="limit">Longest text, in Unicode scalar values.</param>
internal sealed class JsonText(int limit)
{
    /// <summary>The most that one scalar value takes in JSON: a surrogate pair of two escapes of six bytes.</summary>
    private const int MaxEncodedBytes = 12;

    private byte[]? _scratch;

    /// <summary>Decodes the string or property name that <paramref name="reader"/> stands on; never throws on valid JSON in valid UTF-8.</summary>
    /// <param name="reader">Over one contiguous body.</param>
    /// <param name="text">UTF-8; overwritten by the next call of this instance. Empty unless the result is valid.</param>
    public JsonTextResult Decode(scoped in Utf8JsonReader reader, out ReadOnlySpan<byte> text)
    {
        text = default;
        var raw = reader.ValueSpan;
        if (raw.Length > limit * MaxEncodedBytes)
            return JsonTextResult.TooLong;

        if (reader.ValueIsEscaped)
        {
            if (HasUnpairedSurrogate(raw))
                return JsonTextResult.UnpairedSurrogate;
            _scratch ??= new byte[limit * MaxEncodedBytes];
            raw = _scratch.AsSpan(0, reader.CopyString(_scratch));
        }

        if (raw.Length > limit && CountScalars(raw) > limit)
            return JsonTextResult.TooLong;

        text = raw;
        return JsonTextResult.Valid;
    }

    /// <summary>Length of the string that <paramref name="reader"/> stands on, in Unicode scalar values; half a surrogate pair counts as one.</summary>
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

    private static bool HasUnpairedSurrogate(ReadOnlySpan<byte> raw)
    {
        for (var rest = raw; rest.IndexOf((byte)'\\') is >= 0 and var escape;)
        {
            rest = rest[escape..];
            var paired = IsPair(rest);
            if (char.IsSurrogate(CodeUnit(rest)) && !paired)
                return true;
            rest = rest[(paired ? 12 : 2)..];
        }

        return false;
    }

    /// <summary>Whether <paramref name="text"/> begins with the escapes of a surrogate pair.</summary>
    private static bool IsPair(ReadOnlySpan<byte> text) => char.IsHighSurrogate(CodeUnit(text)) && char.IsLowSurrogate(CodeUnit(text[6..]));

    /// <summary>The UTF-16 unit of the <c>\uXXXX</c> that <paramref name="text"/> begins with; 0 when it begins with anything else.</summary>
    private static char CodeUnit(ReadOnlySpan<byte> text) =>
        text.Length >= 6 && text[0] == '\\' && text[1] == 'u'
            && ushort.TryParse(text[2..6], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit)
            ? (char)unit
            : '\0';
}

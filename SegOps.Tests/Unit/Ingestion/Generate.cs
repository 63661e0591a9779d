using System.Globalization;
using System.Text.Json;
using CsCheck;

namespace SegOps.Tests.Unit.Ingestion;

/// <summary>Generators of JSON as clients might send it, the odd parts of Unicode and of the grammar included.</summary>
internal static class Generate
{
    private static readonly Gen<string> Rune = Gen.OneOf(
        Gen.Char['a', 'z'].Select(character => character.ToString()),
        OneOf("\"", "\\", "/", "\b", "\n", "\r", "\t", "\0", "\u001f", "\u007f", "\u0085", "\u2028", "\uFEFF", "\uFFFF", "é", "中", "😀", "\U0010FFFF"),
        Gen.Int[0, 0x10FFFF].Where(System.Text.Rune.IsValid).Select(char.ConvertFromUtf32));

    /// <summary>Text of well-formed Unicode.</summary>
    public static readonly Gen<string> Text = Rune.Array[0, 40].Select(string.Concat);

    private static readonly Gen<string> Space = OneOf("", "", "", " ", "\n", "\t\r\n");

    private static readonly Gen<string> ReadableString = Gen.OneOf(
        Text.Select(text => JsonSerializer.Serialize(text)),
        Text.Select(text => JsonSerializer.Serialize(text, Relaxed)),
        OneOf("\"\\/\"", "\"\\u0041\"", "\"\\ud83d\\ude00\"", "\"\\\\ud83d\""));

    private static readonly Gen<string> Quoted = Gen.OneOf(
        ReadableString, ReadableString,
        OneOf("\"\\ud800\"", "\"\\udc00x\"", "\"\\uDE00\\uD83D\"", "\"\\ud83d\\ud83d\\ude00\"", "\"\\\\\\ud83d\\n\""));

    private static readonly Gen<string> ReadableNumber = Gen.OneOf(
        Gen.Double.Where(double.IsFinite).Select(number => number.ToString("R", CultureInfo.InvariantCulture)),
        Gen.Long.Select(number => number.ToString(CultureInfo.InvariantCulture)),
        Gen.ULong.Select(number => number.ToString(CultureInfo.InvariantCulture)),
        OneOf(
            "-0", "-0.0", "0e0", "1E+2", "1e-999", "0.10000000000000000000000000001", "123456789012345678901234567890.5", "1.7976931348623157e308",
            "-9223372036854775808", "18446744073709551615", "4.9e-324", "0." + new string('7', 900)));

    private static readonly Gen<string> Number = Gen.OneOf(
        ReadableNumber, ReadableNumber,
        OneOf(
            "1e999", "-1e309", "1.8e308", "123456789012345678901234567890", "18446744073709551616", "-9223372036854775809", "1" + new string('0', 400),
            "1" + new string('0', 400) + ".5"));

    private static readonly Gen<string> Word = OneOf("null", "true", "false");
    private static readonly Gen<string> Scalar = Gen.OneOf(Quoted, Number, Word);
    private static readonly Gen<string> ReadableScalar = Gen.OneOf(ReadableString, ReadableNumber, Word);

    /// <summary>Any JSON text, at most five levels deep.</summary>
    public static readonly Gen<string> Json = Nested(5, Scalar, Quoted);

    /// <summary>Any JSON object that is a valid payload, byte for byte as somebody might write it.</summary>
    public static readonly Gen<string> Object = ObjectOf(Nested(4, Scalar, Quoted), Quoted);

    /// <summary>The same without what ClickHouse cannot read.</summary>
    public static readonly Gen<string> ReadableObject = ObjectOf(Nested(4, ReadableScalar, ReadableString), ReadableString);

    /// <summary>Objects with an event's field names and any values.</summary>
    public static readonly Gen<string> EventLike = ObjectOf(
        Gen.OneOf(Json, OneOf("\"u\"", "\"page_viewed\"", "{}", "\"2025-01-01\"", "\"0190163d-8694-739b-aea5-966c26f8ad91\"")),
        OneOf("\"user_id\"", "\"event_type\"", "\"occurred_at\"", "\"payload\"", "\"event_id\"", "\"userId\"", "\"x\"", "\"\\ud800aaa\""));

    private static JsonSerializerOptions Relaxed { get; } = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    private static Gen<string> Nested(int levels, Gen<string> scalar, Gen<string> name)
    {
        if (levels == 0)
            return scalar;
        var inner = Nested(levels - 1, scalar, name);
        return Gen.OneOf(
            scalar,
            Gen.Select(inner.Array[0, 3], Space, (items, space) => $"[{space}{string.Join("," + space, items)}{space}]"),
            ObjectOf(inner, name));
    }

    private static Gen<string> ObjectOf(Gen<string> value, Gen<string> name) => Gen.Select(
        Gen.Select(name, Space, value, (key, space, item) => $"{key}{space}:{space}{item}").Array[0, 4], Space,
        (members, space) => $"{{{space}{string.Join(space + ",", members)}{space}}}");
}

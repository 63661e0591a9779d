using System.Globalization;
using System.Text.Json;
using CsCheck;

namespace SegOps.Tests.Unit.Segments;

/// <summary>
/// JSON values, times and names from small sets that rules and histories share, so that rules hit values, bounds and windows exactly and just miss them.
/// </summary>
internal static class RandomValues
{
    /// <summary>The time around which everything happens: shortly after midnight, so that receipts are on two days.</summary>
    public static readonly DateTimeOffset Now = new(2026, 3, 10, 0, 10, 0, TimeSpan.Zero);

    /// <summary>Durations of rules, shortest first.</summary>
    public static readonly IReadOnlyList<(string Iso, TimeSpan Span)> Durations =
    [
        ("PT1M", TimeSpan.FromMinutes(1)), ("PT30M", TimeSpan.FromMinutes(30)), ("PT1H", TimeSpan.FromHours(1)), ("P1D", TimeSpan.FromDays(1)),
        ("P1DT12H", TimeSpan.FromHours(36)), ("P1W", TimeSpan.FromDays(7)),
    ];

    /// <summary>A time of <see cref="Durations"/> before <see cref="Now"/>, or a microsecond beside it, or any time of eight days.</summary>
    public static readonly Gen<DateTimeOffset> Past = Gen.Frequency(
        (3, Gen.Select(Gen.Int[0, 5], Gen.Int[-1, 1], (duration, micros) => (Now - Durations[duration].Span).AddMicroseconds(micros))),
        (1, Gen.Int[0, 1].Select(micros => Now.AddMicroseconds(-micros))),
        (3, Gen.Long[0, 8L * 24 * 3600 * 1_000_000].Select(micros => Now.AddMicroseconds(-micros))));

    /// <summary>A past time, or one within two hours after <see cref="Now"/>.</summary>
    public static readonly Gen<DateTimeOffset> Time = Gen.Frequency(
        (9, Past), (1, Gen.OneOf(Gen.Const(Now.AddMicroseconds(1)), Gen.Int[1, 7200].Select(seconds => Now.AddSeconds(seconds)))));

    /// <summary>Names of members, as a rule writes their path: one with a dot, one with a backslash, one beyond ASCII.</summary>
    public static readonly IReadOnlyList<string> Paths =
    [
        "plan", "total", "active", "tags", "signed_up_at", "address.city", "address.geo.zip", @"a\.b", @"c\\d", "grösse", "plan.inner", "id",
    ];

    private static readonly Gen<string> Word = Gen.Frequency(
        (3, OneOf("pro", "PRO", "free", "starter")),
        (1, OneOf("", "Starter", "a\"b", "a\\b", "ÄRGER", "ärger", "Жук", "жук", "😀", "中文", "5", "true", "null", "%_", "\0", "\n")));

    private static readonly Gen<string> Text = Gen.Frequency(
        (6, Word), (1, Gen.Select(Word, Word, (one, other) => one + other)));

    /// <summary>A JSON string.</summary>
    public static readonly Gen<string> JsonText = Gen.Select(Text, Gen.Bool, (text, isRelaxed) => Quote(text, isRelaxed));

    /// <summary>A JSON number, of which sums are exact in any order.</summary>
    public static readonly Gen<string> Number = Gen.Frequency(
        (4, Gen.Int[-2, 6].Select(number => number.ToString(CultureInfo.InvariantCulture))),
        (1, OneOf("0.25", "2.5", "1.0", "1e0", "-0", "50", "5E1", "1000000")));

    /// <summary>A JSON number that no sum is made of.</summary>
    public static readonly Gen<string> AnyNumber = Gen.Frequency(
        (4, Number), (1, OneOf("0.1", "9007199254740993", "9007199254740992", "1e300", "-1.5e-10", "18446744073709551615", "-9223372036854775808")));

    /// <summary>A JSON string with a time in one of the forms of docs/api.md, some of them beyond DateTime64, or something similar that is none.</summary>
    public static readonly Gen<string> TimeText = Gen.Frequency(
        (6, Gen.Select(Time, Gen.Int[0, 4], Form).Select(text => Quote(text))),
        (1, OneOf("\"0001-01-01\"", "\"9999-12-31T23:59:59Z\"", "\"1850-06-01 12:00\"", "\"2024-02-29\"", "\"2016-12-31T23:59:60Z\"", "\"2026-03-09\"")),
        (1, OneOf("\"2023-02-29\"", "\"20260309\"", "\"1773100000\"", "\"2026-03-09T24:00:00Z\"", "\" 2026-03-09\"", "\"2026-03\"", "\"2026-03-09T23:30:60Z\"")));

    /// <summary>A string, a number, true or false, in JSON.</summary>
    public static readonly Gen<string> JsonScalar = Gen.Frequency((4, JsonText), (3, AnyNumber), (1, OneOf("true", "false")));

    /// <summary>An element of a list that is likely to be in another list, too.</summary>
    public static readonly Gen<string> Element = Gen.Frequency((3, OneOf("\"pro\"", "\"free\"", "1", "true")), (1, JsonScalar));

    /// <summary>A JSON list.</summary>
    public static readonly Gen<string> List = Gen.Frequency((9, Element), (1, OneOf("null", "[1]", "{\"a\":1}"))).Array[0, 4].Select(values => $"[{string.Join(',', values)}]");

    /// <summary>One of <paramref name="values"/>.</summary>
    public static Gen<string> OneOf(params string[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    /// <summary>The names of a path as a rule writes it.</summary>
    public static string[] Names(string path) => [.. path.Replace(@"\.", "\u0001").Replace(@"\\", @"\").Split('.').Select(name => name.Replace('\u0001', '.'))];

    /// <summary>A JSON string; with every character beyond ASCII escaped, or with as few as possible.</summary>
    public static string Quote(string text, bool isRelaxed = false) => isRelaxed ? JsonSerializer.Serialize(text, Relaxed) : JsonSerializer.Serialize(text);

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static string Form(DateTimeOffset time, int form) => form switch
    {
        0 => time.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        1 => time.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture),
        2 => time.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff", CultureInfo.InvariantCulture) + "789Z",
        3 => time.ToOffset(TimeSpan.FromHours(5.5)).ToString("yyyy-MM-dd'T'HH:mm:ss,ffffffzzz", CultureInfo.InvariantCulture),
        _ => time.ToOffset(TimeSpan.FromHours(-8)).ToString("yyyy-MM-dd't'HH:mm:ss", CultureInfo.InvariantCulture) + "-08",
    };
}

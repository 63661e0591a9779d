using System.Globalization;
using System.Text;
using System.Text.Json;
using SegOps.Contracts;
using SegOps.Segments.Rules;

namespace SegOps.Tests.Unit.Segments;

/// <summary>What the operators mean for one JSON value.</summary>
internal static class NaiveValue
{
    public static JsonElement Parse(string json) => JsonElement.Parse(json);

    /// <summary>The value at a path; null if there is none. Of members with one name the last one counts.</summary>
    public static JsonElement? At(JsonElement? value, IEnumerable<string> path)
    {
        foreach (var name in path)
            value = value is { ValueKind: JsonValueKind.Object } owner && owner.TryGetProperty(name, out var member) ? member : null;
        return value;
    }

    public static bool IsSet(JsonElement? value) => value is { ValueKind: not JsonValueKind.Null };

    public static bool Matches(JsonElement? value, Predicate predicate, DateTimeOffset now) => predicate.Operator switch
    {
        Operator.IsSet => IsSet(value),
        Operator.IsNotSet => !IsSet(value),
        Operator.Equals or Operator.In => predicate.Values.Any(given => IsEqual(value, given, predicate.IgnoreCase)),
        Operator.NotEquals or Operator.NotIn => !predicate.Values.Any(given => IsEqual(value, given, predicate.IgnoreCase)),
        Operator.Contains or Operator.StartsWith or Operator.EndsWith => value is { ValueKind: JsonValueKind.String } text && MatchesText(text, predicate),
        Operator.Has or Operator.HasAny => value is { ValueKind: JsonValueKind.Array } array && predicate.Values.Any(given => Has(array, given, predicate.IgnoreCase)),
        Operator.HasAll => value is { ValueKind: JsonValueKind.Array } array && predicate.Values.All(given => Has(array, given, predicate.IgnoreCase)),
        _ when predicate.Values[0] is TimeLiteral => Time(value) is { } ticks && MatchesTime(ticks, predicate, now),
        _ => value is { ValueKind: JsonValueKind.Number } number && MatchesNumber(number.GetDouble(), predicate),
    };

    /// <summary>The same text for equal values, and others for others.</summary>
    public static string Canonical(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => (value.GetDouble() + 0.0).ToString("R", CultureInfo.InvariantCulture),
        JsonValueKind.String => JsonSerializer.Serialize(value.GetString()),
        JsonValueKind.Array => $"[{string.Join(',', value.EnumerateArray().Select(Canonical))}]",
        JsonValueKind.Object => $"{{{string.Join(',', value.EnumerateObject().Select(member => $"{JsonSerializer.Serialize(member.Name)}:{Canonical(member.Value)}"))}}}",
        _ => value.GetRawText(),
    };

    private static bool Has(JsonElement array, Literal given, bool ignoreCase) => array.EnumerateArray().Any(element => IsEqual(element, given, ignoreCase));

    private static bool IsEqual(JsonElement? value, Literal given, bool ignoreCase) => given switch
    {
        TextLiteral text => value is { ValueKind: JsonValueKind.String } own && Case(own.GetString()!, ignoreCase) == Case(text.Text, ignoreCase),
        NumberLiteral number => value is { ValueKind: JsonValueKind.Number } own && own.GetDouble() == number.Number,
        FlagLiteral flag => value is { ValueKind: JsonValueKind.True or JsonValueKind.False } own && own.GetBoolean() == flag.Value,
        _ => throw new ArgumentOutOfRangeException(nameof(given)),
    };

    private static bool MatchesText(JsonElement value, Predicate predicate)
    {
        var text = Case(value.GetString()!, predicate.IgnoreCase);
        var given = Case(((TextLiteral)predicate.Values[0]).Text, predicate.IgnoreCase);
        return predicate.Operator switch
        {
            Operator.Contains => text.Contains(given, StringComparison.Ordinal),
            Operator.StartsWith => text.StartsWith(given, StringComparison.Ordinal),
            _ => text.EndsWith(given, StringComparison.Ordinal),
        };
    }

    private static bool MatchesNumber(double number, Predicate predicate)
    {
        var given = predicate.Values.Select(value => ((NumberLiteral)value).Number).ToList();
        return predicate.Operator switch
        {
            Operator.GreaterThan => number > given[0],
            Operator.AtLeast => number >= given[0],
            Operator.LessThan => number < given[0],
            Operator.AtMost => number <= given[0],
            Operator.Between => number >= given[0] && number <= given[1],
            _ => throw new ArgumentOutOfRangeException(nameof(predicate)),
        };
    }

    private static bool MatchesTime(long ticks, Predicate predicate, DateTimeOffset now)
    {
        var given = predicate.Values.Select(value => ((TimeLiteral)value).Moment.At(now).UtcTicks).ToList();
        return predicate.Operator switch
        {
            Operator.Before => ticks < given[0],
            Operator.After => ticks > given[0],
            Operator.Between => ticks >= given[0] && ticks <= given[1],
            _ => throw new ArgumentOutOfRangeException(nameof(predicate)),
        };
    }

    private static long? Time(JsonElement? value) =>
        value is { ValueKind: JsonValueKind.String } own && Encoding.UTF8.GetBytes(own.GetString()!) is { Length: <= TimestampParser.MaxLength } text
            && TimestampParser.TryParse(text, out var ticks) ? ticks : null;

    /// <summary>Each character for itself in lower case.</summary>
    private static string Case(string text, bool ignoreCase) => ignoreCase ? string.Concat(text.EnumerateRunes().Select(Rune.ToLowerInvariant)) : text;
}

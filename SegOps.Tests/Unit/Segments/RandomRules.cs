using System.Text.Json;
using CsCheck;
using SegOps.Contracts;
using SegOps.Segments.Rules;
using static SegOps.Tests.Unit.Segments.RandomValues;

namespace SegOps.Tests.Unit.Segments;

/// <summary>Valid rules of all kinds of conditions, as JSON and as the model.</summary>
internal static class RandomRules
{
    private static readonly Gen<string> Duration = Gen.Int[0, Durations.Count - 1].Select(i => $"\"{Durations[i].Iso}\"");

    private static readonly Gen<string> Absolute = Time.Select(time => $"\"{time:O}\"");

    private static readonly Gen<string> Moment = Gen.Frequency((3, Duration.Select(each => $"{{\"ago\":{each}}}")), (1, Duration.Select(each => $"{{\"in\":{each}}}")), (2, Absolute));

    private static readonly Gen<string> IgnoreCase = Gen.Frequency((2, Gen.Const("")), (1, Gen.Const(",\"ignore_case\":true")));

    private static readonly Gen<string> Between = Gen.Frequency(
        (2, Gen.Select(AnyNumber, AnyNumber, (low, high) => Number(low) <= Number(high) ? $"[{low},{high}]" : $"[{high},{low}]")),
        (1, Gen.Select(Gen.Int[0, 5], Gen.Int[0, 5], (one, other) => $"[{{\"ago\":\"{Durations[Math.Max(one, other)].Iso}\"}},{{\"ago\":\"{Durations[Math.Min(one, other)].Iso}\"}}]")),
        (1, Duration.Select(each => $"[{{\"ago\":{each}}},{{\"in\":{each}}}]")),
        (1, Gen.Select(Absolute, Moment.Where(moment => moment[0] == '{'), (from, to) => $"[{from},{to}]")));

    private static readonly Gen<string> OfSet = OneOf("is_set", "is_not_set").Select(name => Operator(name));

    private static readonly Gen<string> OfTexts = Gen.Select(OneOf("contains", "starts_with", "ends_with"), JsonText.Where(text => text != "\"\""), IgnoreCase, Operator);

    private static readonly Gen<string> OfNumbers = Gen.Select(OneOf("greater_than", "at_least", "less_than", "at_most"), AnyNumber, (name, value) => Operator(name, value));

    private static readonly Gen<string> OfTimes = Gen.Select(OneOf("before", "after"), Moment, (name, value) => Operator(name, value));

    private static readonly Gen<string> OfLists = Lists(JsonScalar);

    /// <summary><c>"operator"</c>, <c>"value"</c> and <c>"ignore_case"</c> of a test of any value.</summary>
    private static readonly Gen<string> Test = Gen.Frequency(
        (2, OfSet), (4, Equal(JsonScalar)), (4, OfLists), (3, OfTexts), (4, OfNumbers), (3, Between.Select(value => Operator("between", value))), (4, OfTimes));

    private static readonly Gen<string> FigureTest = Gen.Frequency(
        (3, Gen.Select(OneOf("greater_than", "at_least", "less_than", "at_most", "equals", "not_equals"), RandomValues.Number, (name, value) => Operator(name, value))),
        (1, Gen.Select(OneOf("in", "not_in"), RandomValues.Number.Array[1, 3], (name, values) => Operator(name, $"[{string.Join(',', values)}]"))),
        (1, Gen.Int[-2, 4].Select(low => Operator("between", $"[{low},{low + 3}]"))));

    private static readonly Gen<string> Path = Gen.Int[0, Paths.Count - 1].Select(i => Quote(Paths[i]));

    /// <summary>A path and a test: mostly one that fits the type that its values mostly have.</summary>
    private static readonly Gen<(string Path, string Test)> Tested = Gen.Int[0, Paths.Count - 1].SelectMany(i => Gen.Frequency((3, Fitting(Paths[i])), (1, Test))
        .Select(test => (Quote(Paths[i]), test)));

    private static readonly Gen<string> Where = Groups(1, Tested.Select(tested => $"{{\"payload\":{tested.Path},{tested.Test}}}"));

    private static readonly Gen<string> Filter = FilterOf(withWhere: 1, without: 2);

    private static readonly Gen<string> StepFilter = FilterOf(withWhere: 1, without: 6);

    private static Gen<string> FilterOf(int withWhere, int without) => Gen.Select(
        Gen.Frequency((9, Gen.Int[0, RandomHistory.EventTypes.Count - 1].Select(i => RandomHistory.EventTypes[i])), (1, Gen.Const(EventColumns.IdentifyType))),
        Gen.Frequency((without, Gen.Const("")), (withWhere, Where.Select(where => $",\"where\":{where}"))),
        (type, where) => $"\"event_type\":\"{type}\"{where}");

    private static readonly Gen<string> Window = Gen.Frequency(
        (1, Gen.Const("")),
        (3, Duration.Select(each => $",\"within\":{each}")),
        (2, Moment.Where(moment => !moment.Contains("\"in\"")).Select(from => $",\"from\":{from}")),
        (1, Moment.Select(to => $",\"to\":{to}")),
        (1, Gen.Select(Gen.Int[1, 5], Gen.Int[0, 4], (from, to) => (from, Math.Min(to, from - 1))).Select(each => $",\"from\":{{\"ago\":\"{Durations[each.from].Iso}\"}},\"to\":{{\"ago\":\"{Durations[each.Item2].Iso}\"}}")),
        (1, Gen.Select(Absolute, Duration, (from, to) => $",\"from\":{from},\"to\":{{\"ago\":{to}}}")));

    private static readonly Gen<string> Measure = Gen.Frequency(
        (2, Gen.Const("")),
        (2, Gen.Int[1, 4].Select(n => $",\"count\":{{\"at_least\":{n}}}")),
        (1, Gen.Int[0, 3].Select(n => $",\"count\":{{\"at_most\":{n}}}")),
        (1, Gen.Int[0, 3].Select(n => $",\"count\":{{\"exactly\":{n}}}")),
        (1, Gen.Int[0, 2].Select(n => $",\"count\":{{\"between\":[{n},{n + 2}]}}")),
        (3, Gen.Select(OneOf("sum", "min", "max", "avg", "distinct"), Gen.Frequency((2, Gen.Const("\"total\"")), (1, Path)), FigureTest, (function, path, test) => $",\"aggregate\":{{\"{function}\":{path}}},{test}")));

    private static readonly Gen<string> Same = Gen.Frequency((2, Gen.Const("")), (1, OneOf("id", "id", "id", "plan").Select(path => $",\"same\":\"{path}\"")));

    /// <summary>A condition of the type user_property.</summary>
    public static readonly Gen<string> UserProperty = Tested.Select(tested => $"{{\"type\":\"user_property\",\"property\":{tested.Path},{tested.Test}}}");

    /// <summary>A condition of the type event.</summary>
    public static readonly Gen<string> Event = Gen.Select(Filter, Window, Measure, (filter, window, measure) => $"{{\"type\":\"event\",{filter}{window}{measure}}}");

    /// <summary>A condition of the type sequence.</summary>
    public static readonly Gen<string> Sequence = Gen.Select(StepFilter, StepFilter, Gen.Select(Gen.OneOf(Duration, OneOf("\"P1D\"", "\"P1W\"")), Same, OneOf("", ",\"happens\":true", ",\"happens\":false")), Window,
        (first, then, how, window) => $"{{\"type\":\"sequence\",\"first\":{{{first}}},\"then\":{{{then}}},\"gap\":{how.Item1}{how.Item2}{how.Item3}{window}}}");

    /// <summary>The JSON of a valid rule: up to three levels of groups over conditions of all types but segment.</summary>
    public static readonly Gen<string> Json = Groups(3, Gen.Frequency((4, UserProperty), (4, Event), (2, Sequence))).Where(json => Read(json) is { Faults: [] or [{ Code: not RuleFaultCodes.RuleTooLarge }, ..] });

    /// <summary>A rule that was read from <see cref="Json"/>.</summary>
    public static readonly Gen<(string Json, Rule Rule)> Any = Json.Select(json => (json, Read(json) is { Rule: { } rule } ? rule : throw new InvalidOperationException(json)));

    private static RuleReading Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        return RuleReader.Read(document.RootElement);
    }

    private static Gen<string> Groups(int levels, Gen<string> condition)
    {
        if (levels == 0)
            return condition;
        var inner = Groups(levels - 1, condition);
        return Gen.Frequency(
            (3, condition),
            (2, Gen.Select(OneOf("all", "any"), inner.Array[1, 3], (name, rules) => $"{{\"{name}\":[{string.Join(',', rules)}]}}")),
            (1, inner.Select(rule => $"{{\"not\":{rule}}}")));
    }

    private static Gen<string> Equal(Gen<string> value) => Gen.Select(OneOf("equals", "not_equals", "has"), value, IgnoreCase, Operator);

    private static Gen<string> Lists(Gen<string> value) => Gen.Select(OneOf("in", "not_in", "has_any", "has_all"), value.Array[1, 4], IgnoreCase,
        (name, values, more) => Operator(name, $"[{string.Join(',', values)}]", more));

    private static Gen<string> Fitting(string path) => path switch
    {
        "plan" or "address.city" or @"a\.b" => Gen.Frequency((1, OfSet), (3, Equal(JsonText)), (3, Lists(JsonText)), (4, OfTexts)),
        "tags" => Gen.Frequency((1, OfSet), (4, Gen.Select(Element, IgnoreCase, (value, more) => Operator("has", value, more))),
            (4, Gen.Select(OneOf("has_any", "has_all"), Element.Array[1, 2], (name, values) => Operator(name, $"[{string.Join(',', values)}]")))),
        "signed_up_at" => Gen.Frequency((1, OfSet), (6, OfTimes), (3, Between.Where(value => value.Contains('"')).Select(value => Operator("between", value)))),
        "active" or "id" => Gen.Frequency((1, OfSet), (4, Equal(OneOf("true", "false", "1", "\"1\"", "2"))), (1, Lists(OneOf("true", "1", "\"1\"")))),
        _ => Gen.Frequency((1, OfSet), (3, Equal(RandomValues.Number)), (2, Lists(RandomValues.Number)), (5, OfNumbers), (3, Between.Where(value => !value.Contains('"')).Select(value => Operator("between", value)))),
    };

    private static string Operator(string name, string? value = null, string more = "") => $"\"operator\":\"{name}\"{(value is null ? "" : $",\"value\":{value}")}{more}";

    private static double Number(string json) => double.Parse(json, System.Globalization.CultureInfo.InvariantCulture);
}

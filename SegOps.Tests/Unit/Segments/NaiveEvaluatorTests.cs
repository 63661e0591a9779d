using System.Text.Json;
using SegOps.Contracts;
using SegOps.Segments.Rules;

namespace SegOps.Tests.Unit.Segments;

/// <summary>What rules mean: null, negations, windows to the microsecond, counts, aggregates and sequences.</summary>
public sealed class NaiveEvaluatorTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 10, 0, 10, 0, TimeSpan.Zero);

    private static readonly Guid One = new("0198c5a0-0000-7000-8000-000000000001");
    private static readonly Guid Two = new("0198c5a0-0000-7000-8000-000000000002");

    [Theory]
    [InlineData("is_set", null)]
    [InlineData("equals", "\"pro\"")]
    [InlineData("in", "[\"pro\",0,false]")]
    [InlineData("contains", "\"p\"")]
    [InlineData("less_than", "5")]
    [InlineData("before", "{\"ago\":\"P1D\"}")]
    [InlineData("has", "\"pro\"")]
    public void Trait_Unset_MatchesNothingPositive(string name, string? value)
    {
        foreach (var traits in new[] { "{}", """{"p":null}""", """{"p":"pro"}|{"p":null}""", """{"p.q":1}""" })
            Assert.False(HasTrait(traits, name, value), traits);
        Assert.False(Matches($$"""{"type":"user_property","property":"p","operator":"{{name}}"{{(value is null ? "" : $",\"value\":{value}")}}}"""));
    }

    [Theory]
    [InlineData("is_not_set", null)]
    [InlineData("not_equals", "\"pro\"")]
    [InlineData("not_in", "[\"pro\",0]")]
    public void Trait_Unset_MatchesNegations(string name, string? value)
    {
        Assert.True(HasTrait("{}", name, value));
        Assert.True(HasTrait("""{"p":"pro"}|{"p":null}""", name, value));
    }

    [Theory]
    [InlineData("\"\"")]
    [InlineData("0")]
    [InlineData("false")]
    [InlineData("[]")]
    [InlineData("{}")]
    public void Trait_EmptyValue_IsSet(string value) => Assert.True(HasTrait($"{{\"p\":{value}}}", "is_set"));

    [Theory]
    [InlineData("\"5\"", "equals", "5", false)]
    [InlineData("5.0", "equals", "5", true)]
    [InlineData("-0", "equals", "0", true)]
    [InlineData("9007199254740993", "equals", "9007199254740992", true)]
    [InlineData("true", "equals", "\"true\"", false)]
    [InlineData("true", "equals", "true", true)]
    [InlineData("[5]", "equals", "5", false)]
    [InlineData("[5]", "not_equals", "5", true)]
    [InlineData("\"5\"", "not_in", "[5]", true)]
    [InlineData("\"Pro\"", "equals", "\"pro\"", false)]
    [InlineData("\"ÄRGER\"", "equals", "\"ärger\",\"ignore_case\":true", true)]
    [InlineData("\"starter\"", "starts_with", "\"start\"", true)]
    [InlineData("\"starter\"", "ends_with", "\"TER\",\"ignore_case\":true", true)]
    [InlineData("\"a%b\"", "contains", "\"%\"", true)]
    [InlineData("\"ab\"", "contains", "\"%\"", false)]
    [InlineData("5", "contains", "\"5\"", false)]
    [InlineData("5", "greater_than", "5", false)]
    [InlineData("5", "at_least", "5", true)]
    [InlineData("5", "between", "[5,5]", true)]
    [InlineData("\"6\"", "greater_than", "5", false)]
    [InlineData("[\"a\",1,null]", "has", "1", true)]
    [InlineData("[\"1\"]", "has", "1", false)]
    [InlineData("[[1]]", "has", "1", false)]
    [InlineData("1", "has", "1", false)]
    [InlineData("[1,2]", "has_any", "[2,3]", true)]
    [InlineData("[1,2]", "has_all", "[2,3]", false)]
    [InlineData("[3,1,2]", "has_all", "[2,3]", true)]
    [InlineData("\"2026-03-09T00:10:00Z\"", "before", "{\"ago\":\"P1D\"}", false)]
    [InlineData("\"2026-03-09T00:09:59.9999999Z\"", "before", "{\"ago\":\"P1D\"}", true)]
    [InlineData("\"2026-03-09T01:10:00.000001+01:00\"", "after", "{\"ago\":\"P1D\"}", true)]
    [InlineData("\"0001-01-01\"", "before", "\"1901-01-01\"", true)]
    [InlineData("\"9999-12-31T23:59-10\"", "after", "{\"in\":\"P36525D\"}", true)]
    [InlineData("\"2026-03-10\"", "between", "[\"2026-03-10\",\"2026-03-10\"]", true)]
    [InlineData("\"20260309\"", "before", "{\"ago\":\"PT0M\"}", false)]
    [InlineData("1773014400", "before", "{\"ago\":\"PT0M\"}", false)]
    public void Trait_Value_IsNeverConverted(string stored, string name, string value, bool matches) => Assert.Equal(matches, HasTrait($"{{\"p\":{stored}}}", name, value));

    [Theory]
    [InlineData("p.q", """{"p":{"q":1}}""", true)]
    [InlineData("p.q", """{"p":1}""", false)]
    [InlineData("p.q", """{"p":[{"q":1}]}""", false)]
    [InlineData("p.q", """{"p.q":1}""", false)]
    [InlineData(@"p\\.q", """{"p.q":1}""", true)]
    [InlineData("p.q", """{"p":{"q":null}}""", false)]
    [InlineData("p.q", """{"p":{"q":1}}|{"p":{}}""", false)]
    public void Trait_Path_NamesANestedMember(string path, string identifies, bool isSet) =>
        Assert.Equal(isSet, Matches($$"""{"type":"user_property","property":"{{path}}","operator":"is_set"}""", Identifies(identifies)));

    [Fact]
    public void Trait_LatestIdentify_Sets()
    {
        var early = new HistoryEvent("u", EventColumns.IdentifyType, One, Now.AddHours(-2), Now.AddHours(-1), Payload: """{"p":"early","q":1}""");
        var late = new HistoryEvent("u", EventColumns.IdentifyType, Two, Now.AddHours(-1), Now.AddHours(-1), Payload: """{"p":"late"}""");

        Assert.True(Matches(Trait("equals", "\"late\""), late, early));
        // A retry that came later is of the time of the first attempt.
        Assert.True(Matches(Trait("equals", "\"late\""), early with { OccurredAt = Now, ReceivedAt = Now }, early, late));
        // A copy with an earlier time moves the event, whatever the order of receipt.
        Assert.True(Matches(Trait("equals", "\"early\""), early, late, late with { OccurredAt = Now.AddHours(-3), ReceivedAt = Now }));
        // A clock that is ahead does not pin a trait: what is received later is later.
        Assert.True(Matches(Trait("equals", "\"late\""), early with { OccurredAt = Now.AddHours(5), ReceivedAt = Now.AddHours(-1.5) }, late));
        // At one time, the later receipt sets; then the later place in the request; then the greater id.
        Assert.True(Matches(Trait("equals", "\"early\""), late, early with { OccurredAt = late.OccurredAt, ReceivedAt = Now }));
        Assert.True(Matches(Trait("equals", "\"early\""), late, early with { OccurredAt = late.OccurredAt, Position = 1 }));
        Assert.True(Matches(Trait("equals", "\"late\""), late, early with { OccurredAt = late.OccurredAt }));
    }

    [Fact]
    public void Trait_AsOfAnEarlierTime_IsThatOfThen()
    {
        var set = new HistoryEvent("u", EventColumns.IdentifyType, One, Now.AddHours(-2), Now.AddHours(-2), Payload: """{"p":1}""");
        var unset = new HistoryEvent("u", EventColumns.IdentifyType, Two, Now.AddHours(-2), Now.AddMicroseconds(1), Payload: """{"p":null}""");

        Assert.True(Matches(Trait("is_set"), set, unset));
        Assert.False(new NaiveEvaluator([set, unset], Now.AddMicroseconds(1)).Matches(Read(Trait("is_set"))));
    }

    [Theory]
    [InlineData("\"within\":\"PT1H\"", "01:00:00", true)]
    [InlineData("\"within\":\"PT1H\"", "01:00:00.000001", false)]
    [InlineData("\"within\":\"PT1H\"", "00:00:00", true)]
    [InlineData("\"within\":\"PT1H\"", "-00:00:00.000001", false)]
    [InlineData("\"from\":{\"ago\":\"PT2H\"},\"to\":{\"ago\":\"PT1H\"}", "02:00:00", true)]
    [InlineData("\"from\":{\"ago\":\"PT2H\"},\"to\":{\"ago\":\"PT1H\"}", "01:00:00.000001", true)]
    [InlineData("\"from\":{\"ago\":\"PT2H\"},\"to\":{\"ago\":\"PT1H\"}", "01:00:00", false)]
    [InlineData("\"from\":\"2026-03-10\"", "00:10:00", true)]
    [InlineData("\"from\":\"2026-03-10\"", "00:10:00.000001", false)]
    [InlineData("\"to\":\"2026-03-10T00:00:00Z\"", "00:10:00", false)]
    [InlineData("\"to\":\"2026-03-10T00:00:00Z\"", "00:10:00.000001", true)]
    [InlineData("\"to\":{\"in\":\"P1D\"}", "-00:00:00.000001", false)]
    [InlineData("\"count\":{\"exactly\":1}", "9.00:00:00", true)]
    public void Event_Window_IncludesItsStartAndNotItsEnd(string window, string ago, bool matches)
    {
        var at = Now - TimeSpan.Parse(ago, System.Globalization.CultureInfo.InvariantCulture);

        Assert.Equal(matches, Matches($$"""{"type":"event","event_type":"a",{{window}}}""", Event(One, at)));
    }

    [Theory]
    [InlineData("""{"at_least":1}""", "011")]
    [InlineData("""{"at_least":2}""", "001")]
    [InlineData("""{"at_most":1}""", "110")]
    [InlineData("""{"exactly":0}""", "100")]
    [InlineData("""{"between":[1,2]}""", "011")]
    public void Event_Count_CountsEachEventOnce(string count, string expected)
    {
        var rule = $$"""{"type":"event","event_type":"a","count":{{count}}}""";
        var first = Event(One, Now.AddHours(-1));

        Assert.Equal(expected[0] == '1', Matches(rule));
        Assert.Equal(expected[1] == '1', Matches(rule, first, first, first with { OccurredAt = Now.AddHours(-20), ReceivedAt = Now }));
        Assert.Equal(expected[2] == '1', Matches(rule, first, Event(Two, Now.AddHours(-1))));
    }

    [Fact]
    public void Event_Copies_CountAtTheEarliestTimeOfTheDayBeforeTheWindow()
    {
        const string Rule = """{"type":"event","event_type":"a","within":"PT1H"}""";
        var copy = Event(One, Now);

        Assert.False(Matches(Rule, copy, copy with { OccurredAt = Now.AddHours(-1).AddMicroseconds(-1) }));
        Assert.False(Matches(Rule, copy, copy with { OccurredAt = Now.AddHours(-25) }));
        Assert.True(Matches(Rule, copy, copy with { OccurredAt = Now.AddHours(-25).AddMicroseconds(-1) }));
    }

    [Fact]
    public void Event_ReceivedAfterNow_DoesNotCount() =>
        Assert.False(Matches("""{"type":"event","event_type":"a"}""", Event(One, Now.AddHours(-1)) with { ReceivedAt = Now.AddMicroseconds(1) }));

    [Theory]
    [InlineData("""{"payload":"total","operator":"greater_than","value":10}""", true)]
    [InlineData("""{"payload":"total","operator":"greater_than","value":20}""", false)]
    [InlineData("""{"not":{"payload":"total","operator":"greater_than","value":20}}""", true)]
    [InlineData("""{"any":[{"payload":"x","operator":"is_set"},{"payload":"x.y","operator":"not_equals","value":1}]}""", true)]
    public void Event_Where_TestsThePayload(string where, bool matches) =>
        Assert.Equal(matches, Matches($$"""{"type":"event","event_type":"a","where":{{where}}}""", Event(One, Now, """{"total":20}""")));

    [Theory]
    [InlineData("sum", "equals", "5", true)]
    [InlineData("min", "equals", "2", true)]
    [InlineData("max", "equals", "3", true)]
    [InlineData("avg", "equals", "2.5", true)]
    [InlineData("distinct", "equals", "4", true)]
    [InlineData("sum", "between", "[5,6]", true)]
    [InlineData("sum", "greater_than", "5", false)]
    public void Event_Aggregate_TakesNumbersOnly(string function, string name, string value, bool matches)
    {
        var values = new[] { "2", "3", "3.0", "\"3\"", "null", "[3]" };
        var events = values.Select((total, index) => Event(new Guid(index + 1, 0, 0, new byte[8]), Now, $"{{\"total\":{total}}}"));

        Assert.Equal(matches, function is "sum" or "avg"
            ? Matches(Figure(function, name, value), [.. events.Where(each => !each.Payload.Contains("3.0"))])
            : Matches(Figure(function, name, value), [.. events]));
    }

    [Theory]
    [InlineData("sum", "equals", "0", true)]
    [InlineData("sum", "less_than", "1", true)]
    [InlineData("distinct", "at_most", "0", true)]
    [InlineData("distinct", "not_equals", "0", false)]
    [InlineData("min", "less_than", "1", false)]
    [InlineData("avg", "not_equals", "1", false)]
    [InlineData("max", "not_in", "[1]", false)]
    public void Event_AggregateOfNothing_IsZeroForSumAndDistinct(string function, string name, string value, bool matches)
    {
        Assert.Equal(matches, Matches(Figure(function, name, value)));
        Assert.Equal(matches, Matches(Figure(function, name, value), Event(One, Now, """{"total":null}""")));
    }

    [Theory]
    [InlineData("00:00:00", true)]
    [InlineData("01:00:00", true)]
    [InlineData("01:00:00.000001", false)]
    [InlineData("-00:00:00.000001", false)]
    public void Sequence_OtherEvent_FollowsWithinTheGapInclusive(string after, bool follows)
    {
        var first = Event(One, Now.AddHours(-2));
        var then = Event(Two, first.OccurredAt + TimeSpan.Parse(after, System.Globalization.CultureInfo.InvariantCulture)) with { EventType = "b" };

        Assert.Equal(follows, Matches(Steps("b", ""), then, first));
        Assert.Equal(!follows, Matches(Steps("b", ",\"happens\":false"), then, first));
    }

    [Fact]
    public void Sequence_GapThatHasNotPassed_IsUndecided()
    {
        Assert.False(Matches(Steps("b", ",\"happens\":false"), Event(One, Now.AddHours(-1))));
        Assert.True(Matches(Steps("b", ",\"happens\":false"), Event(One, Now.AddHours(-1).AddMicroseconds(-1))));
        Assert.False(Matches(Steps("b", ",\"happens\":false")));
        Assert.False(Matches(Steps("b", ""), Event(One, Now.AddHours(-1))));
    }

    [Fact]
    public void Sequence_OfOneType_NeedsTwoEvents()
    {
        Assert.False(Matches(Steps("a", ""), Event(One, Now), Event(One, Now)));
        Assert.True(Matches(Steps("a", ""), Event(One, Now), Event(Two, Now)));
    }

    [Theory]
    [InlineData("""{"id":1}""", """{"id":1.0}""", true)]
    [InlineData("""{"id":1}""", """{"id":"1"}""", false)]
    [InlineData("""{"id":[1]}""", """{"id":[1]}""", true)]
    [InlineData("""{"id":null}""", """{"id":null}""", false)]
    [InlineData("{}", "{}", false)]
    public void Sequence_Same_ComparesSetValues(string first, string then, bool follows)
    {
        HistoryEvent[] rows = [Event(One, Now.AddHours(-2), first), Event(Two, Now.AddHours(-2), then) with { EventType = "b" }];

        Assert.Equal(follows, Matches(Steps("b", ",\"same\":\"id\""), rows));
        Assert.Equal(!follows, Matches(Steps("b", ",\"same\":\"id\",\"happens\":false"), rows));
    }

    [Fact]
    public void Sequence_Window_IsThatOfTheFirstEvent()
    {
        var then = Event(Two, Now.AddHours(-2)) with { EventType = "b" };

        Assert.True(Matches(Steps("b", ",\"to\":{\"ago\":\"PT150M\"}"), Event(One, Now.AddHours(-2.75)), then));
        Assert.False(Matches(Steps("b", ",\"within\":\"PT150M\""), Event(One, Now.AddHours(-2.75)), then));
    }

    [Fact]
    public void Groups_CombineTheirRules()
    {
        const string Yes = """{"type":"event","event_type":"a"}""";
        const string No = """{"type":"event","event_type":"b"}""";
        var row = Event(One, Now);

        Assert.True(Matches($$"""{"any":[{{No}},{{Yes}}]}""", row));
        Assert.False(Matches($$"""{"all":[{{No}},{{Yes}}]}""", row));
        Assert.True(Matches($$"""{"all":[{"not":{{No}}},{{Yes}}]}""", row));
        Assert.True(Matches($$$"""{"not":{"all":[{{{No}}},{{{Yes}}}]}}""", row));
    }

    private static bool HasTrait(string identifies, string name, string? value = null) => Matches(Trait(name, value), Identifies(identifies));

    private static string Trait(string name, string? value = null) =>
        $$"""{"type":"user_property","property":"p","operator":"{{name}}"{{(value is null ? "" : $",\"value\":{value}")}}}""";

    /// <summary>Identifies with payloads that are separated by |, the later ones later.</summary>
    private static HistoryEvent[] Identifies(string payloads) =>
    [
        .. payloads.Split('|').Select((payload, index) => new HistoryEvent(
            "u", EventColumns.IdentifyType, new Guid(index + 1, 0, 0, new byte[8]), Now.AddMinutes(index - 30), Now.AddMinutes(index - 30), Payload: payload)),
    ];

    private static HistoryEvent Event(Guid id, DateTimeOffset at, string payload = "{}") => new("u", "a", id, at, at > Now ? Now : at, Payload: payload);

    private static string Figure(string function, string name, string value) =>
        $$$"""{"type":"event","event_type":"a","aggregate":{"{{{function}}}":"total"},"operator":"{{{name}}}","value":{{{value}}}}""";

    private static string Steps(string then, string more) =>
        $$$"""{"type":"sequence","first":{"event_type":"a"},"then":{"event_type":"{{{then}}}"},"gap":"PT1H"{{{more}}}}""";

    private static bool Matches(string rule, params HistoryEvent[] rows) => new NaiveEvaluator(rows, Now).Matches(Read(rule));

    private static Rule Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        var reading = RuleReader.Read(document.RootElement);
        Assert.Empty(reading.Faults);
        return reading.Rule!;
    }
}

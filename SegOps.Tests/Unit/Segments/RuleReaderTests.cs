using System.Text.Json;
using SegOps.Segments.Rules;

namespace SegOps.Tests.Unit.Segments;

public sealed class RuleReaderTests
{
    private const string Starter = """{"type":"user_property","property":"plan","operator":"equals","value":"starter"}""";

    [Fact]
    public void Read_EachKindOfCondition_GivesTheModel()
    {
        var expected = new AllOf(
        [
            new TraitCondition(["plan"], new(Operator.In, [new TextLiteral("starter"), new NumberLiteral(5), new FlagLiteral(true)], true)),
            new TraitCondition(["signed_up_at"], new(Operator.Before, [new TimeLiteral(new Relative(TimeSpan.FromDays(-14)))], false)),
            new EventCondition(
                new("order_placed", new AllOf([new PayloadCondition(["total"], new(Operator.GreaterThan, [new NumberLiteral(50)], false))])),
                new(new Relative(TimeSpan.FromDays(-30)), null), new Count(3, null)),
            new Not(new EventCondition(new("session_started", null), new(null, null), new Count(1, null))),
            new SequenceCondition(
                new("cart_created", null), new("order_placed", null), TimeSpan.FromDays(1), ["cart_id"], false, new(new Relative(TimeSpan.FromDays(-30)), null)),
            new AnyOf([new SegmentReference(new Guid("0198c5a0-0000-7000-8000-000000000001"))]),
        ]);

        var rule = Valid("""
            {"all":[
             {"type":"user_property","property":"plan","operator":"in","value":["starter",5,true],"ignore_case":true},
             {"type":"user_property","property":"signed_up_at","operator":"before","value":{"ago":"P14D"}},
             {"type":"event","event_type":"order_placed","count":{"at_least":3},"within":"P30D",
              "where":{"all":[{"payload":"total","operator":"greater_than","value":50}]}},
             {"not":{"type":"event","event_type":"session_started"}},
             {"type":"sequence","first":{"event_type":"cart_created"},"then":{"event_type":"order_placed"},
              "gap":"P1D","same":"cart_id","happens":false,"within":"P30D"},
             {"any":[{"type":"segment","segment_id":"0198c5a0-0000-7000-8000-000000000001"}]}]}
            """);

        Assert.Equivalent(expected, rule, strict: true);
    }

    [Theory]
    [InlineData("plan", "plan")]
    [InlineData("address.city.name", "address|city|name")]
    [InlineData(@"a\\.b.c", "a.b|c")]
    [InlineData(@"a\\\\.b", @"a\|b")]
    [InlineData("Größe.😀", "Größe|😀")]
    public void Read_Path_IsSplitAtDots(string written, string names)
    {
        var trait = Assert.IsType<TraitCondition>(Valid($$"""{"type":"user_property","property":"{{written}}","operator":"is_set"}"""));

        Assert.Equal(names.Split('|'), trait.Path);
    }

    [Theory]
    [InlineData("""{"at_least":3}""", 3, null)]
    [InlineData("""{"at_most":0}""", null, 0)]
    [InlineData("""{"at_least":2,"at_most":5}""", 2, 5)]
    [InlineData("""{"exactly":0}""", null, 0)]
    [InlineData("""{"exactly":2}""", 2, 2)]
    [InlineData("""{"between":[0,4]}""", null, 4)]
    [InlineData("""{"between":[3,3]}""", 3, 3)]
    [InlineData("""{"at_least":1e1}""", 10, null)]
    public void Read_Count_HasBounds(string count, int? least, int? most) =>
        Assert.Equal(new Count(least, most), Assert.IsType<EventCondition>(Valid($$"""{"type":"event","event_type":"a","count":{{count}}}""")).Measure);

    [Theory]
    [InlineData("sum", AggregateFunction.Sum)]
    [InlineData("min", AggregateFunction.Min)]
    [InlineData("max", AggregateFunction.Max)]
    [InlineData("avg", AggregateFunction.Average)]
    [InlineData("distinct", AggregateFunction.Distinct)]
    public void Read_Aggregate_HasAFigureAndItsTest(string function, object expected) => Assert.Equivalent(
        new Aggregate((AggregateFunction)expected, ["cart", "total"], new(Operator.Between, [new NumberLiteral(1), new NumberLiteral(2.5)], false)),
        Assert.IsType<EventCondition>(Valid(
            $$$"""{"type":"event","event_type":"a","aggregate":{"{{{function}}}":"cart.total"},"operator":"between","value":[1,2.5]}""")).Measure, strict: true);

    [Theory]
    [InlineData("P1W", 7 * 24 * 60)]
    [InlineData("P30D", 30 * 24 * 60)]
    [InlineData("PT90M", 90)]
    [InlineData("P1W2DT3H4M", (((9 * 24) + 3) * 60) + 4)]
    [InlineData("P036525D", 36_525 * 24 * 60)]
    public void Read_Duration_IsExact(string duration, int minutes) => Assert.Equal(
        new Window(new Relative(TimeSpan.FromMinutes(-minutes)), null), Assert.IsType<EventCondition>(Valid(Event($"\"within\":\"{duration}\""))).Window);

    [Theory]
    [InlineData("", "P1W2D1D")]
    [InlineData("", "p1d")]
    [InlineData("", "P")]
    [InlineData("", "PT")]
    [InlineData("", "P1DT")]
    [InlineData("", "P1H")]
    [InlineData("", "PT1D")]
    [InlineData("", "PT1M1H")]
    [InlineData("", "P1D1W")]
    [InlineData("", "P1Y")]
    [InlineData("", "P1M")]
    [InlineData("", "PT30S")]
    [InlineData("", "P1.5D")]
    [InlineData("", "P-1D")]
    [InlineData("", "-P1D")]
    [InlineData("", "P 1D")]
    [InlineData("", "P١D")]
    [InlineData("too long", "P36526D")]
    [InlineData("too long", "P99999999999D")]
    [InlineData("too long", "P9999999999999999999999999999999999999999999999W")]
    [InlineData("too long", "P36525DT1M")]
    [InlineData("no time", "P0D")]
    [InlineData("no time", "PT0H0M")]
    public void Read_InvalidDuration_IsAFault(string reason, string duration)
    {
        var fault = Single(Event($"\"within\":\"{duration}\""));

        Assert.Equal((RuleFaultCodes.InvalidDuration, "rule.within"), (fault.Code, fault.Path));
        Assert.Contains(reason, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"from\":\"2026-01-02\",\"to\":\"2026-01-02T00:00:00.000001\"")]
    [InlineData("\"from\":{\"ago\":\"P2D\"},\"to\":{\"ago\":\"P1D\"}")]
    [InlineData("\"from\":{\"ago\":\"P2D\"},\"to\":{\"in\":\"P1D\"}")]
    [InlineData("\"from\":\"2299-01-01T00:59:59+01:00\"")]
    [InlineData("\"to\":\"1901-01-01\"")]
    [InlineData("\"from\":{\"ago\":\"P1D\"},\"to\":\"2020-01-01\"")]
    public void Read_PossibleWindow_IsValid(string window) => Valid(Event(window));

    [Theory]
    [InlineData("\"from\":\"2026-01-02\",\"to\":\"2026-01-02\"", "rule.to")]
    [InlineData("\"from\":\"2026-01-02T01:00+01:00\",\"to\":\"2026-01-01T23:00Z\"", "rule.to")]
    [InlineData("\"from\":{\"ago\":\"P1D\"},\"to\":{\"ago\":\"PT24H\"}", "rule.to")]
    [InlineData("\"from\":{\"ago\":\"P1D\"},\"to\":{\"ago\":\"P2D\"}", "rule.to")]
    [InlineData("\"from\":{\"in\":\"PT1M\"}", "rule.from")]
    public void Read_WindowThatHasNoTime_IsContradictory(string window, string path)
    {
        var fault = Single(Event(window));

        Assert.Equal((RuleFaultCodes.ContradictoryWindow, path), (fault.Code, fault.Path));
    }

    [Theory]
    [InlineData("is_set", null)]
    [InlineData("equals", "\"\"")]
    [InlineData("not_equals", "-0.0")]
    [InlineData("not_in", "[false]")]
    [InlineData("contains", "\".*(a+)+$\"")]
    [InlineData("starts_with", "\"' OR 1=1 --\"")]
    [InlineData("ends_with", "\"\\u0000\"")]
    [InlineData("at_most", "1.7976931348623157e308")]
    [InlineData("less_than", "123456789012345678901234567890")]
    [InlineData("between", "[1,1]")]
    [InlineData("between", "[\"2026-01-01\",\"2026-01-01\"]")]
    [InlineData("between", "[{\"ago\":\"P1D\"},{\"in\":\"PT0M\"}]")]
    [InlineData("after", "{\"ago\":\"PT0M\"}")]
    [InlineData("has", "\"a\"")]
    [InlineData("has_all", "[1,\"1\",true]")]
    public void Read_OperatorWithItsValue_IsValid(string name, string? value) => Valid(Trait(name, value));

    [Fact]
    public void Read_MinusZero_IsZero() => Assert.False(double.IsNegative(
        Assert.IsType<NumberLiteral>(Assert.IsType<TraitCondition>(Valid(Trait("equals", "-0.0"))).Predicate.Values[0]).Number));

    [Fact]
    public void Read_SeveralFaults_AreReportedAtOnce()
    {
        var faults = Faults("""
            {"all":[
              {"type":"user_property","property":"plan","operator":"like","value":"x"},
              {"type":"event","event_type":"a","within":"P1Y","where":{"all":[{"payload":"total","operator":"greater_than","value":"5"},{"any":[]}]}},
              {"not":{"type":"person"}},
              {"type":"segment","segment_id":"x"}]}
            """);

        Assert.Equal(
            [
                (RuleFaultCodes.UnknownOperator, "rule.all[0].operator"),
                (RuleFaultCodes.OperatorNotForType, "rule.all[1].where.all[0].operator"),
                (RuleFaultCodes.EmptyGroup, "rule.all[1].where.all[1].any"),
                (RuleFaultCodes.InvalidDuration, "rule.all[1].within"),
                (RuleFaultCodes.UnknownType, "rule.all[2].not.type"),
                (RuleFaultCodes.InvalidValue, "rule.all[3].segment_id"),
            ],
            faults.Select(fault => (fault.Code, fault.Path)));
        Assert.All(faults, fault => Assert.Contains("Valid: ", fault.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Read_ManyFaults_AreLimited() =>
        Assert.Equal(RuleLimits.MaxFaults, Faults($$"""{"any":[{{string.Join(',', Enumerable.Repeat("{}", 5000))}}]}""").Count);

    [Fact]
    public void Read_UnknownOperator_NamesTheValidOnes() => Assert.Equal(
        "\"is\" is not an operator. Valid: is_set, is_not_set, equals, not_equals, in, not_in, contains, starts_with, ends_with, greater_than, at_least, "
        + "less_than, at_most, between, before, after, has, has_any, has_all.",
        Single(Trait("is", "1")).Message);

    [Fact]
    public void Read_RuleThatWasRead_OutlivesItsDocument() => Assert.Equal("starter",
        Assert.IsType<TextLiteral>(Assert.IsType<TraitCondition>(Valid(Starter)).Predicate.Values[0]).Text);

    private static string Event(string more) => $$"""{"type":"event","event_type":"a",{{more}}}""";

    private static string Trait(string name, string? value) =>
        $$"""{"type":"user_property","property":"p","operator":"{{name}}"{{(value is null ? "" : $",\"value\":{value}")}}}""";

    private static RuleFault Single(string json) => Assert.Single(Faults(json));

    private static IReadOnlyList<RuleFault> Faults(string json)
    {
        var reading = Read(json);
        Assert.Null(reading.Rule);
        return reading.Faults;
    }

    private static Rule Valid(string json)
    {
        var reading = Read(json);
        Assert.Empty(reading.Faults);
        return reading.Rule!;
    }

    private static RuleReading Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        return RuleReader.Read(document.RootElement);
    }
}

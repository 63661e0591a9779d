using System.Text;
using System.Text.Json;
using CsCheck;
using SegOps.Segments.Rules;
using SegOps.Tests.Unit.Ingestion;

namespace SegOps.Tests.Unit.Segments;

/// <summary>Each fault with its code and path, and rules that are made to do harm.</summary>
public sealed class RuleFaultTests
{
    private const string Set = """{"type":"user_property","property":"p","operator":"is_set"}""";

    /// <summary>A rule, and the code and path of its only fault.</summary>
    public static TheoryData<string, string, string> OneFault => new()
    {
        // The shape of groups and conditions.
        { "null", "invalid_value", "rule" },
        { "[]", "invalid_value", "rule" },
        { "\"all\"", "invalid_value", "rule" },
        { "{}", "missing_member", "rule.type" },
        { """{"type":"users"}""", "unknown_type", "rule.type" },
        { """{"type":5}""", "invalid_value", "rule.type" },
        { """{"all":[]}""", "empty_group", "rule.all" },
        { """{"any":[]}""", "empty_group", "rule.any" },
        { """{"all":{}}""", "invalid_value", "rule.all" },
        { """{"not":[]}""", "invalid_value", "rule.not" },
        { """{"not":{"any":[]}}""", "empty_group", "rule.not.any" },
        { $$"""{"all":[{{Set}},7]}""", "invalid_value", "rule.all[1]" },
        { $$"""{"all":[{{Set}}],"any":[{{Set}}]}""", "conflicting_members", "rule" },
        { $$"""{"all":[{{Set}}],"type":"event"}""", "unknown_member", "rule.type" },
        { $$"""{"all":[{{Set}}],"all":[{{Set}}]}""", "duplicate_member", "rule.all" },
        { """{"type":"user_property","property":"p","property":"q","operator":"is_set"}""", "duplicate_member", "rule.property" },
        { """{"type":"user_property","property":"p","operator":"is_set","colour":1}""", "unknown_member", "rule.colour" },
        { """{"type":"user_property","property":"p","operator":"is_set","\ud800":1}""", "unknown_member", "rule" },
        { """{"type":"segment"}""", "missing_member", "rule.segment_id" },
        { """{"type":"segment","segment_id":"0198c5a0000070008000000000000001"}""", "invalid_value", "rule.segment_id" },

        // Paths.
        { """{"type":"user_property","operator":"is_set"}""", "missing_member", "rule.property" },
        { Property("5"), "invalid_value", "rule.property" },
        { Property("\"\""), "invalid_path", "rule.property" },
        { Property("\"a..b\""), "invalid_path", "rule.property" },
        { Property("\".a\""), "invalid_path", "rule.property" },
        { Property("\"a.\""), "invalid_path", "rule.property" },
        { Property("\"a\\\\\""), "invalid_path", "rule.property" },
        { Property("\"a\\\\b\""), "invalid_path", "rule.property" },
        { Property("\"\\ud800\""), "invalid_value", "rule.property" },
        { Property("\"a.b.c.d.e.f.g.h.i.j.k\""), "invalid_path", "rule.property" },

        // Operators and values.
        { """{"type":"user_property","property":"p"}""", "missing_member", "rule.operator" },
        { Test("\"matches\"", "\"^a\""), "unknown_operator", "rule.operator" },
        { Test("\"EQUALS\"", "1"), "unknown_operator", "rule.operator" },
        { Test("7", "1"), "invalid_value", "rule.operator" },
        { """{"type":"user_property","property":"p","operator":"equals"}""", "missing_member", "rule.value" },
        { Test("\"is_set\"", "true"), "unknown_member", "rule.value" },
        { Test("\"equals\"", "null"), "invalid_value", "rule.value" },
        { Test("\"equals\"", "[1]"), "invalid_value", "rule.value" },
        { Test("\"equals\"", "{\"ago\":\"P1D\"}"), "operator_not_for_type", "rule.value" },
        { Test("\"equals\"", "\"\\udc00\""), "invalid_value", "rule.value" },
        { Test("\"equals\"", "1e999"), "invalid_value", "rule.value" },
        { Test("\"equals\"", "-1e309"), "invalid_value", "rule.value" },
        { Test("\"in\"", "\"a\""), "invalid_value", "rule.value" },
        { Test("\"in\"", "[]"), "invalid_value", "rule.value" },
        { Test("\"in\"", "[1,null]"), "invalid_value", "rule.value[1]" },
        { Test("\"has_any\"", "[[1]]"), "invalid_value", "rule.value[0]" },
        { Test("\"in\"", $"[{string.Join(',', Enumerable.Range(0, 1001))}]"), "rule_too_large", "rule.value" },
        { Test("\"contains\"", "5"), "operator_not_for_type", "rule.operator" },
        { Test("\"contains\"", "\"\""), "invalid_value", "rule.value" },
        { Test("\"greater_than\"", "\"5\""), "operator_not_for_type", "rule.operator" },
        { Test("\"greater_than\"", "\"NaN\""), "operator_not_for_type", "rule.operator" },
        { Test("\"at_most\"", "1e400"), "invalid_value", "rule.value" },
        { Test("\"between\"", "[1]"), "invalid_value", "rule.value" },
        { Test("\"between\"", "5"), "invalid_value", "rule.value" },
        { Test("\"between\"", "[2,1]"), "empty_range", "rule.value" },
        { Test("\"between\"", "[1,\"2026-01-01\"]"), "operator_not_for_type", "rule.operator" },
        { Test("\"between\"", "[true,false]"), "operator_not_for_type", "rule.operator" },
        { Test("\"between\"", "[\"2026-01-02\",\"2026-01-01\"]"), "contradictory_window", "rule.value" },
        { Test("\"between\"", "[{\"in\":\"P1D\"},{\"ago\":\"P1D\"}]"), "contradictory_window", "rule.value" },
        { Test("\"between\"", "[1,1e999]"), "invalid_value", "rule.value[1]" },
        { Test("\"before\"", "1738331159"), "operator_not_for_type", "rule.operator" },
        { Test("\"before\"", "\"yesterday\""), "invalid_time", "rule.value" },
        { Test("\"before\"", "\"0001-01-01\""), "invalid_time", "rule.value" },
        { Test("\"before\"", "\"2299-01-01\""), "invalid_time", "rule.value" },
        { Test("\"before\"", "\"0001-01-01T00:00+23:59\""), "invalid_time", "rule.value" },
        { Test("\"before\"", "{}"), "invalid_time", "rule.value" },
        { Test("\"before\"", "{\"ago\":\"P1D\",\"in\":\"P1D\"}"), "invalid_time", "rule.value" },
        { Test("\"before\"", "{\"ago\":\"P1M\"}"), "invalid_duration", "rule.value.ago" },
        { Test("\"after\"", "{\"in\":7}"), "invalid_duration", "rule.value.in" },
        { Test("\"after\"", "{\"in\":\"P1D\",\"zone\":\"UTC\"}"), "unknown_member", "rule.value.zone" },
        { Test("\"greater_than\"", "5,\"ignore_case\":true"), "operator_not_for_type", "rule.ignore_case" },
        { Test("\"equals\"", "5,\"ignore_case\":\"yes\""), "invalid_value", "rule.ignore_case" },

        // Events.
        { """{"type":"event"}""", "missing_member", "rule.event_type" },
        { """{"type":"event","event_type":""}""", "invalid_value", "rule.event_type" },
        { $$"""{"type":"event","event_type":"{{new string('x', 129)}}"}""", "invalid_value", "rule.event_type" },
        { Event("\"where\":null"), "invalid_value", "rule.where" },
        { Event($"\"where\":{Set}"), "unknown_member", "rule.where.type" },
        { Event("\"where\":{\"any\":[{\"payload\":\"a\",\"operator\":\"near\",\"value\":1}]}"), "unknown_operator", "rule.where.any[0].operator" },
        { Event("\"within\":\"P1D\",\"from\":\"2026-01-01\""), "conflicting_members", "rule.within" },
        { Event("\"within\":7"), "invalid_duration", "rule.within" },
        { Event("\"from\":7"), "invalid_time", "rule.from" },
        { Event("\"count\":3"), "invalid_value", "rule.count" },
        { Event("\"count\":{}"), "missing_member", "rule.count" },
        { Event("\"count\":{\"exactly\":1,\"at_least\":1}"), "conflicting_members", "rule.count" },
        { Event("\"count\":{\"at_least\":0}"), "empty_range", "rule.count.at_least" },
        { Event("\"count\":{\"at_least\":1.5}"), "invalid_value", "rule.count.at_least" },
        { Event("\"count\":{\"at_least\":-1}"), "invalid_value", "rule.count.at_least" },
        { Event("\"count\":{\"exactly\":1e300}"), "invalid_value", "rule.count.exactly" },
        { Event("\"count\":{\"exactly\":\"1\"}"), "invalid_value", "rule.count.exactly" },
        { Event("\"count\":{\"at_least\":3,\"at_most\":2}"), "empty_range", "rule.count" },
        { Event("\"count\":{\"between\":[3,2]}"), "empty_range", "rule.count" },
        { Event("\"count\":{\"between\":[3]}"), "invalid_value", "rule.count.between" },
        { Event("\"count\":{\"between\":[0,\"3\"]}"), "invalid_value", "rule.count.between[1]" },
        { Event("\"aggregate\":{},\"operator\":\"equals\",\"value\":1"), "missing_member", "rule.aggregate" },
        { Event("\"aggregate\":{\"sum\":\"a\",\"max\":\"a\"},\"operator\":\"equals\",\"value\":1"), "conflicting_members", "rule.aggregate" },
        { Event("\"aggregate\":{\"sum\":\"a\"}"), "missing_member", "rule.operator" },
        { Event("\"aggregate\":{\"sum\":\"a\"},\"operator\":\"contains\",\"value\":\"1\""), "operator_not_for_type", "rule.operator" },
        { Event("\"aggregate\":{\"sum\":\"a\"},\"operator\":\"equals\",\"value\":\"1\""), "operator_not_for_type", "rule.value" },
        { Event("\"aggregate\":{\"sum\":\"a\"},\"operator\":\"between\",\"value\":[\"2026-01-01\",\"2026-01-02\"]"), "operator_not_for_type", "rule.operator" },
        { Event("\"aggregate\":{\"sum\":\"a\"},\"operator\":\"equals\",\"value\":1,\"count\":{\"exactly\":1}"), "conflicting_members", "rule.count" },
        { Event("\"operator\":\"equals\",\"value\":1"), "missing_member", "rule.aggregate" },

        // Sequences.
        { Sequence("\"then\":{\"event_type\":\"b\"},\"gap\":\"P1D\""), "missing_member", "rule.first" },
        { Sequence("\"first\":{\"event_type\":\"b\"},\"then\":7,\"gap\":\"P1D\""), "invalid_value", "rule.then" },
        { Sequence("\"first\":{\"event_type\":\"b\"},\"then\":{\"event_type\":\"b\",\"within\":\"P1D\"},\"gap\":\"P1D\""), "unknown_member", "rule.then.within" },
        { Steps(""), "missing_member", "rule.gap" },
        { Steps(",\"gap\":\"PT0M\""), "invalid_duration", "rule.gap" },
        { Steps(",\"gap\":\"P1D\",\"same\":5"), "invalid_value", "rule.same" },
        { Steps(",\"gap\":\"P1D\",\"happens\":null"), "invalid_value", "rule.happens" },
        { Steps(",\"gap\":\"P1D\",\"count\":{\"exactly\":1}"), "unknown_member", "rule.count" },
    };

    [Theory]
    [MemberData(nameof(OneFault), DisableDiscoveryEnumeration = true)]
    public void Read_Fault_HasACodeAPathAndWhatIsValid(string json, string code, string path)
    {
        var fault = Assert.Single(Read(json).Faults);

        Assert.Equal((code, path), (fault.Code, fault.Path));
        Assert.True(code is "duplicate_member" or "unknown_member" || fault.Message.Contains("Valid: ", StringComparison.Ordinal), fault.Message);
        Assert.InRange(fault.Message.Length, 20, 400);
    }

    [Theory]
    [InlineData(RuleLimits.MaxDepth, true)]
    [InlineData(RuleLimits.MaxDepth + 1, false)]
    public void Read_NestedGroups_AreLimited(int depth, bool isValid)
    {
        var path = "rule" + string.Concat(Enumerable.Repeat(".not", RuleLimits.MaxDepth + 1));

        foreach (var json in new[] { Nested(depth, Set), Event($"\"where\":{Nested(depth, """{"payload":"a","operator":"is_set"}""")}") })
        {
            var faults = Read(json).Faults;
            Assert.Equal(isValid ? [] : [RuleFaultCodes.RuleTooDeep], faults.Select(fault => fault.Code));
            Assert.All(faults, fault => Assert.EndsWith(path["rule".Length..], fault.Path, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(50, 0, true)]
    [InlineData(51, 0, false)]
    [InlineData(40, 10, true)]
    [InlineData(39, 11, false)]
    [InlineData(41, 10, false)]
    public void Read_Conditions_AreLimited(int traits, int events, bool isValid)
    {
        var rules = Enumerable.Repeat(Set, traits).Concat(Enumerable.Repeat("""{"type":"event","event_type":"a"}""", events));

        Assert.Equal(isValid ? [] : [(RuleFaultCodes.RuleTooLarge, "rule")], Read($$"""{"all":[{{string.Join(',', rules)}}]}""").Faults.Select(fault => (fault.Code, fault.Path)));
    }

    [Fact]
    public void Read_ConditionsOfWhere_CountToo()
    {
        var where = $$"""{"any":[{{string.Join(',', Enumerable.Repeat("""{"payload":"a","operator":"is_set"}""", 50))}}]}""";

        Assert.Equal([RuleFaultCodes.RuleTooLarge], Read(Event($"\"where\":{where}")).Faults.Select(fault => fault.Code));
    }

    [Fact]
    public void Read_AThousandValues_AreValid() => Assert.Empty(Read(Test("\"in\"", $"[{string.Join(',', Enumerable.Range(0, 1000))}]")).Faults);

    [Theory]
    [InlineData("\"value\"")]
    [InlineData("\"property\"")]
    [InlineData("\"unknown\"")]
    public void Read_HugeText_IsTooLarge(string member)
    {
        var fault = Assert.Single(Read($$"""{"type":"user_property",{{member}}:"{{new string('x', RuleLimits.MaxBytes)}}"}""").Faults);

        Assert.Equal((RuleFaultCodes.RuleTooLarge, "rule"), (fault.Code, fault.Path));
    }

    [Fact]
    public void Read_LongTextsOfTheClient_AreShortenedInFaults()
    {
        var text = string.Concat(Enumerable.Repeat("😀", 10_000));

        Assert.All(Read($$"""{"type":"{{text}}","{{text}}":1}""").Faults, fault => Assert.InRange(fault.Path.Length + fault.Message.Length, 1, 500));
    }

    [Fact]
    public void Read_NoRule_IsAFault() => Assert.Equal([RuleFaultCodes.MissingMember], RuleReader.Read(default).Faults.Select(fault => fault.Code));

    [Fact]
    public void Read_AnyJson_GivesARuleOrFaults() => Generate.Json.Sample(json => AssertRuleOrFaults(json), iter: 5_000);

    [Fact]
    public void Read_RuleWithOneByteChanged_GivesARuleOrFaults() => Gen.Select(RandomRules.Json, Gen.Int[0, int.MaxValue], Gen.Char['\u0020', '\u007e']).Sample((json, at, character) =>
    {
        var changed = Encoding.UTF8.GetBytes(json);
        changed[at % changed.Length] = (byte)character;
        try
        {
            AssertRuleOrFaults(Encoding.UTF8.GetString(changed));
        }
        catch (JsonException)
        {
            // It is no JSON any more.
        }
    }, iter: 5_000);

    /// <summary>Any JSON in place of any member: what a client sends with wrong types.</summary>
    [Fact]
    public void Read_RuleWithAnyJsonInIt_GivesARuleOrFaults() => Gen.Select(
        RandomValues.OneOf("type", "property", "operator", "value", "where", "count", "aggregate", "within", "from", "to", "first", "then", "gap", "same", "happens", "event_type", "all", "not"),
        Generate.Json,
        RandomValues.OneOf("user_property", "event", "sequence", "segment"))
        .Sample((member, json, type) => AssertRuleOrFaults($$"""{"all":[{"type":"{{type}}","operator":"equals","event_type":"a","{{member}}":{{json}}}]}"""), iter: 5_000);

    [Fact]
    public void Read_RandomRules_AreValid() => RandomRules.Json.Sample(json => Assert.Empty(Read(json).Faults), iter: 2_000);

    private static void AssertRuleOrFaults(string json)
    {
        var reading = Read(json);
        Assert.Equal(reading.Rule is null, reading.Faults.Count > 0);
    }

    private static string Property(string property) => $$"""{"type":"user_property","property":{{property}},"operator":"is_set"}""";

    private static string Test(string name, string value) => $$"""{"type":"user_property","property":"p","operator":{{name}},"value":{{value}}}""";

    private static string Event(string more) => $$"""{"type":"event","event_type":"a",{{more}}}""";

    private static string Sequence(string members) => $$"""{"type":"sequence",{{members}}}""";

    private static string Steps(string more) => Sequence($"\"first\":{{\"event_type\":\"a\"}},\"then\":{{\"event_type\":\"b\"}}{more}");

    private static string Nested(int depth, string condition) =>
        string.Concat(Enumerable.Repeat("{\"not\":", depth)) + condition + new string('}', depth);

    private static RuleReading Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        return RuleReader.Read(document.RootElement);
    }
}

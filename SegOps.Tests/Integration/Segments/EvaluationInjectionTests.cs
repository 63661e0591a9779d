using System.Text.Json;
using SegOps.Contracts;
using SegOps.Segments.Evaluation;
using SegOps.Segments.Rules;
using SegOps.Tests.Fixtures;
using SegOps.Tests.Unit.Segments;

namespace SegOps.Tests.Integration.Segments;

/// <summary>Strings that could break out of a statement are compared like others, wherever a rule has them.</summary>
public sealed class EvaluationInjectionTests(ClickHouseFixture clickHouse)
{
    private static readonly DateTimeOffset Now = new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);

    private static readonly string[] Hostile =
    [
        "'", "''", "\\", "\\'", "\\\\'", "'); DROP TABLE events; --", "' OR 1 = 1 OR '", "{project:String}", "{x:Identifier}", "?", "\\x27", "\\x", "\0", "\n", "\r\n", "\t",
        "\"", "`", "%_", "/*", "--", "$$", "@p", "#", "😀", "ß'ü", "\u2028", "${x}", "{{", "]", ")", "null", "true", "\"]", "\\u0027",
    ];

    [Fact]
    public async Task Evaluate_HostileStringsEverywhere_MatchesTheUserThatHasThem()
    {
        var token = TestContext.Current.CancellationToken;
        using var stored = await SegmentHistory.CreateAsync(clickHouse);
        await stored.StoreAsync([Hostile.Append("other").SelectMany(Events)]);

        foreach (var text in Hostile)
        {
            var rule = new AllOf(Rules(text));
            var preview = await PreviewQuery.RunAsync(stored.Runner, SegmentHistory.Of(rule, Now), token);
            Assert.Equal([text], preview.Samples);
            Assert.All(preview.Conditions, condition => Assert.Equal(1, condition.Users));
            Assert.Equal(Hostile.Length + 1, preview.Users);

            Assert.Equal([text], (await stored.EvaluateAsync(rule, Now)).Where(each => each.Value.Matched).Select(each => each.Key));
            Assert.Equal([text], (await stored.EvaluateAsync(rule, Now, text)).Where(each => each.Value.Matched).Select(each => each.Key));
            Assert.True((await CheckQuery.RunAsync(stored.Runner, SegmentHistory.Of(rule, Now, text), token)).Match, text);
        }
    }

    [Fact]
    public async Task Evaluate_LargestRule_IsAccepted()
    {
        using var stored = await SegmentHistory.CreateAsync(clickHouse);
        await stored.StoreAsync([Events("other")]);
        var values = Enumerable.Range(0, 1000).Select(i => (Literal)new TextLiteral($"'{i}" + new string('\'', 10))).ToList();
        var rule = new AllOf([.. Enumerable.Range(0, 50).Select(i => new TraitCondition([$"trait_{i}"], new Predicate(Operator.NotIn, values, false)))]);

        Assert.True((await stored.EvaluateAsync(rule, Now))["other"].Matched);
    }

    private static IReadOnlyList<Rule> Rules(string text)
    {
        Literal[] values = [new TextLiteral(text)];
        Predicate Test(Operator name, bool ignoreCase = false) => new(name, values, ignoreCase);
        var where = new PayloadCondition([text], Test(Operator.Equals));
        var events = new EventFilter(text, where);
        return
        [
            new TraitCondition([text], Test(Operator.Equals)), new TraitCondition([text], Test(Operator.In, ignoreCase: true)), new TraitCondition([text], Test(Operator.Contains)),
            new TraitCondition(["nested", text, text], Test(Operator.StartsWith)), new TraitCondition(["list", text], Test(Operator.HasAll)),
            new EventCondition(events, new Window(null, null), new Count(1, null)),
            new EventCondition(events, new Window(null, null), new Aggregate(AggregateFunction.Distinct, [text], new Predicate(Operator.AtLeast, [new NumberLiteral(1)], false))),
            new SequenceCondition(events, events, TimeSpan.FromHours(1), [text], Happens: true, new Window(null, null)),
        ];
    }

    private static IEnumerable<HistoryEvent> Events(string text)
    {
        var name = text == "other" ? "name" : text;
        var own = new Dictionary<string, object> { [name] = text };
        var traits = new Dictionary<string, object>
        {
            [name] = text,
            ["nested"] = new Dictionary<string, object> { [name] = own },
            ["list"] = new Dictionary<string, object> { [name] = new[] { text } },
        };
        yield return new HistoryEvent(text, EventColumns.IdentifyType, Guid.NewGuid(), Now.AddHours(-1), Now.AddHours(-1), 0, JsonSerializer.Serialize(traits));
        yield return new HistoryEvent(text, text, Guid.NewGuid(), Now.AddHours(-1), Now.AddHours(-1), 0, JsonSerializer.Serialize(own));
        yield return new HistoryEvent(text, text, Guid.NewGuid(), Now.AddMinutes(-50), Now.AddMinutes(-50), 0, JsonSerializer.Serialize(own));
    }
}

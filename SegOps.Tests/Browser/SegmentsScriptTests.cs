using System.Text.Json;
using CsCheck;
using Microsoft.Playwright;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Browser;

/// <summary>The scripts of the page of segments that compute only, run by a browser.</summary>
public sealed class SegmentsScriptTests(BrowserFixture browser) : IAsyncLifetime
{
    private const int Conditions = 4;

    private IPage _page = null!;
    private RunningService _service = null!;

    [Fact]
    public async Task Recombine_AnyGroupsOfTheSameConditions_CountsAsEachUserIsTested()
    {
        var patterns = Gen.Int[0, 50].Array[1 << Conditions];

        await Gen.Select(SegmentsRules.Over(Conditions), patterns).SampleAsync(async (rule, users) =>
        {
            var byBits = users.Select(static (count, index) => (Bits: Convert.ToString(index, 2).PadLeft(Conditions, '0'), Users: count)).ToList();
            var leaves = rule.Leaves().ToList();

            var found = await RunAsync("rule.js", "recombine", Previous(byBits), rule.ToString());

            Assert.Equal(CountWithout(-1), found.GetProperty("count").GetInt32());
            Assert.Equal(leaves.Select((_, place) => CountWithout(place)), found.GetProperty("conditions").EnumerateArray().Select(static each => each.GetProperty("without_it").GetInt32()));

            int CountWithout(int place) => byBits.Sum(pattern =>
            {
                var next = 0;
                return rule.Matches(pattern.Bits, () => next++ == place) ?? true ? pattern.Users : 0;
            });
        }, iter: 200, threads: 1);
    }

    [Theory]
    [InlineData("""{"all":[{"type":"event","event_type":"e0"},{"type":"event","event_type":"other"}]}""")]
    [InlineData("""{"all":[]}""")]
    public async Task Recombine_OtherConditions_AsksForAQuery(string rule)
    {
        var found = await RunAsync("rule.js", "recombine", Previous([("0101", 3)]), rule);

        Assert.Equal(JsonValueKind.Null, found.ValueKind);
    }

    [Theory]
    [InlineData(SegmentsRules.OfEveryKind)]
    [InlineData("""{"type":"event","event_type":"e","count":{"between":[2,5]}}""")]
    [InlineData("""{"not":{"not":{"any":[{"type":"segment","segment_id":"0198c0de-0000-7000-8000-000000000001"}]}}}""")]
    [InlineData("""{"all":[{"type":"user_property","property":"a\\.b","operator":"in","value":["","a\nb"]},{"type":"user_property","property":"p","operator":"equals","value":false}]}""")]
    [InlineData("""{"type":"event","event_type":"e","unknown":1,"where":{"not":{"payload":"p","operator":"contains","value":" ","more":[2]}}}""")]
    [InlineData("""{"all":[{"any":[]}]}""")]
    public async Task Model_OfARule_IsThatRuleAgain(string rule)
    {
        var again = await _page.EvaluateAsync<string>(
            "async rule => { const { toRule } = await import('/segments/assets/model.js'), { fromRule } = await import('/segments/assets/reader.js'); return JSON.stringify(toRule(fromRule(JSON.parse(rule)))) }", rule);

        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(rule), JsonElement.Parse(again)), again);
    }

    [Theory]
    [InlineData("5", "rule")]
    [InlineData("""{"all":[{"type":"place"}]}""", "rule.all[0].type")]
    [InlineData("""{"not":{"type":"user_property","property":"p","operator":"like"}}""", "rule.not.operator")]
    [InlineData("""{"any":[{"type":"event","event_type":"e","where":{"all":[{"payload":"p","operator":"contains","value":5}]}}]}""", "rule.any[0].where.all[0].value")]
    [InlineData("""{"all":[],"any":[]}""", "rule")]
    public async Task Model_OfWhatTheBuilderCannotShow_NamesThePlace(string rule, string path)
    {
        var found = await _page.EvaluateAsync<string>(
            """
            async rule => {
                const { fromRule, Unreadable } = await import('/segments/assets/reader.js')
                try { fromRule(JSON.parse(rule)); return '' } catch (error) { return error instanceof Unreadable ? error.path : String(error) }
            }
            """, rule);

        Assert.Equal(path, found);
    }

    public async ValueTask InitializeAsync()
    {
        _page = await browser.NewPageAsync();
        _service = await RunningService.StartAsync(
            SegOps.Segments.Program.Build, ["--ConnectionStrings:clickhouse=Host=127.0.0.1;Port=1;Username=segops;Password=the-password;Database=segops", $"--ConnectionStrings:redis={Nowhere.Redis}"]);
        await _page.GotoAsync(_service.Urls.First() + SegmentsPage.Path);
    }

    public async ValueTask DisposeAsync()
    {
        if (_page is not null)
            await _page.Context.CloseAsync();
        if (_service is not null)
            await _service.DisposeAsync();
    }

    private static string Previous(IEnumerable<(string Bits, int Users)> patterns) => JsonSerializer.Serialize(new
    {
        rule = new { all = Enumerable.Range(0, Conditions).Select(static index => new { type = "event", event_type = $"e{index}" }) },
        answer = new
        {
            users = patterns.Sum(static pattern => pattern.Users),
            conditions = Enumerable.Range(0, Conditions).Select(static index => new { path = $"rule.all[{index}]", users = index }),
            patterns = patterns.Where(static pattern => pattern.Bits.Contains('1')).Select(static pattern => new { bits = pattern.Bits, users = pattern.Users }),
        },
    });

    /// <summary>Calls a function of a module with arguments that are JSON.</summary>
    private Task<JsonElement> RunAsync(string module, string function, params string[] arguments) => _page.EvaluateAsync<JsonElement>(
        "async ([module, name, given]) => (await import('/segments/assets/' + module))[name](...given.map(JSON.parse))", new object[] { module, function, arguments });
}

using System.Text.Json;
using Microsoft.Playwright;
using SegOps.Tests.Fixtures;
using static Microsoft.Playwright.Assertions;

namespace SegOps.Tests.Browser;

/// <summary>The page of segments: the words that tests use for what is only there.</summary>
internal static class SegmentsPage
{
    public const string Path = "/segments";

    /// <summary>The pixels by which the page is wider than the window.</summary>
    private const string Overflow = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth";

    /// <summary>The condition at this place of the rule, or of a group, in the order of the page.</summary>
    public static ILocator Condition(this MonitoringPage page, int place) => page.Page.Locator("#builder .condition").Nth(place);

    /// <summary>The field of a condition.</summary>
    public static ILocator Field(this ILocator condition, string name) => condition.Locator($"[data-field='{name}']").First;

    /// <summary>Adds a condition to the rule, and returns it. It has the focus.</summary>
    public static async Task<ILocator> AddAsync(this MonitoringPage page, string type)
    {
        await page.Page.Locator("#builder > .box > .adds").Locator($"[data-field='add-{type}']").ClickAsync();
        return page.Page.Locator($"#builder .condition[data-type='{type}']").Last;
    }

    /// <summary>Signs in and shows an empty rule.</summary>
    public static async Task NewAsync(this MonitoringPage page)
    {
        await page.SignInAsync();
        await Expect(page.Section("intro")).ToBeVisibleAsync();
    }

    /// <summary>Waits until the rule is counted: so many users match, by an answer of the service or by the browser alone.</summary>
    public static async Task ExpectCountAsync(this MonitoringPage page, long users, string by = "service")
    {
        await Expect(page.Section("result")).ToHaveAttributeAsync("data-count", "counted");
        await Expect(page.Section("result")).ToHaveAttributeAsync("data-by", by);
        await page.ExpectFigureAsync("count", users);
    }

    /// <summary>The rule that the page shows as JSON.</summary>
    public static async Task<JsonElement> RuleAsync(this MonitoringPage page) => JsonElement.Parse(await page.Section("rule-json").InputValueAsync());

    /// <summary>Replaces the rule.</summary>
    public static async Task TypeRuleAsync(this MonitoringPage page, string json)
    {
        await page.ViewAsync("json");
        await page.Section("rule-json").FillAsync(json);
        await page.ViewAsync("builder");
    }

    /// <summary>Shows the rule in the builder, as JSON or as curl.</summary>
    public static Task ViewAsync(this MonitoringPage page, string view) => page.Section($"view-{view}").CheckAsync(new() { Force = true });

    /// <summary>Saves the rule under a name, and waits until it is stored.</summary>
    public static async Task SaveAsync(this MonitoringPage page, string name, int version = 1)
    {
        await page.Section("segment-name").FillAsync(name);
        await page.Section("save").ClickAsync();
        await Expect(page.Section("save-status")).ToHaveTextAsync($"Saved, version {version}");
    }

    /// <summary>The answer of a dialog.</summary>
    public static ILocator Answer(this MonitoringPage page, string value) => page.Page.Locator($"#ask [data-answer='{value}']");

    /// <summary>How many times the page asked for a count.</summary>
    public static int Previews(this MonitoringPage page) => page.Requests.Count(static url => url.Contains("/api/segments/preview", StringComparison.Ordinal));

    public static Task<int> OverflowAsync(this MonitoringPage page) => page.Page.EvaluateAsync<int>(Overflow);

    /// <summary>Sends events of three users and waits until all can be counted: a and b placed orders, b and c have the plan free.</summary>
    public static async Task FillAsync(MonitoringPage page)
    {
        var project = page.Project;
        await project.SendAsync("order_placed", "a", """{"total":10}""");
        await project.SendAsync("order_placed", "b", """{"total":100}""");
        await project.SendAsync("context_identified", "b", """{"plan":"free"}""");
        await project.SendAsync("context_identified", "c", """{"plan":"free"}""");
        foreach (var (rule, users) in ((string, int)[])[("""{"type":"event","event_type":"order_placed"}""", 2), ("""{"type":"user_property","property":"plan","operator":"equals","value":"free"}""", 2)])
            await Eventually.IsAsync(users, () => CountAsync(project, rule));
    }

    private static async Task<int> CountAsync(BrowserProject project, string rule)
    {
        var answer = await project.System.Api.PostAsync(project.Key, "/api/segments/preview", $$"""{"rule":{{rule}}}""");
        return answer.Json.TryGetProperty("count", out var count) ? count.GetInt32() : -1;
    }
}

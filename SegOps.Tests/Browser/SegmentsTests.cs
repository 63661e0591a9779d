using System.Text.Json;
using Microsoft.Playwright;
using SegOps.Tests.EndToEnd;
using static Microsoft.Playwright.Assertions;

namespace SegOps.Tests.Browser;

/// <summary>The page of segments on the real system.</summary>
public sealed class SegmentsTests(BrowserFixture browser, SystemFixture system)
{
    [Fact]
    public async Task Builder_ConditionsAdded_MakeTheRuleAndCountIt()
    {
        await using var page = await OpenAsync();
        await SegmentsPage.FillAsync(page);
        await page.NewAsync();

        var property = await page.AddAsync("user_property");
        await Expect(property.Field("path")).ToBeFocusedAsync();
        await property.Field("path").FillAsync("plan");
        await property.Field("operator").SelectOptionAsync("in");
        await property.Field("lines").FillAsync("free\nstarter");
        await page.ExpectCountAsync(2);
        var orders = await page.AddAsync("event");
        await orders.Field("eventType").FillAsync("order_placed");
        await orders.Field("not").ClickAsync();

        await page.ExpectCountAsync(1);
        AssertJson(
            """
            {"all":[{"type":"user_property","property":"plan","operator":"in","value":["free","starter"]},
                    {"not":{"type":"event","event_type":"order_placed","count":{"at_least":1},"within":"P30D"}}]}
            """, await page.RuleAsync());
        await Expect(page.Condition(0).Locator(".stats")).ToHaveAttributeAsync("data-without-it", "1");
        await Expect(page.Section("samples").Locator(".chip")).ToHaveTextAsync("c");
        Assert.Empty(await page.HarmAsync());
    }

    [Fact]
    public async Task Count_OnlyGroupsChange_IsComputedWithoutARequest()
    {
        await using var page = await OpenAsync();
        await SegmentsPage.FillAsync(page);
        await page.NewAsync();
        await page.TypeRuleAsync("""{"all":[{"type":"event","event_type":"order_placed"},{"type":"user_property","property":"plan","operator":"equals","value":"free"}]}""");
        await page.ExpectCountAsync(1);
        var asked = page.Previews();

        await page.Page.Locator("#builder [data-field='match']").SelectOptionAsync("any");
        await page.ExpectCountAsync(3, "browser");
        await page.Page.Locator("#builder [data-field='match']").SelectOptionAsync("none");
        await page.ExpectCountAsync(0, "browser");
        await page.Condition(0).Field("remove").ClickAsync();
        await page.ExpectCountAsync(1, "browser");

        Assert.Equal(asked, page.Previews());
        await page.Section("count-again").ClickAsync();
        await page.ExpectCountAsync(1);
    }

    [Fact]
    public async Task Check_OfAUser_ShowsWhyByCondition()
    {
        await using var page = await OpenAsync();
        await SegmentsPage.FillAsync(page);
        await page.NewAsync();
        await page.TypeRuleAsync("""{"all":[{"type":"event","event_type":"order_placed","count":{"at_least":2}},{"type":"user_property","property":"plan","operator":"equals","value":"free"}]}""");
        await page.ExpectCountAsync(0);

        await page.Section("check-id").FillAsync("b");
        await page.Section("check-id").PressAsync("Enter");

        await Expect(page.Section("check-answer")).ToHaveAttributeAsync("data-match", "false");
        await Expect(Reason("rule.all[0]")).ToHaveAttributeAsync("data-match", "false");
        await Expect(Reason("rule.all[0]")).ToContainTextAsync("order_placed at least 2 times");
        await Expect(Reason("rule.all[0]")).ToContainTextAsync("Missing");
        await Expect(Reason("rule.all[1]")).ToHaveAttributeAsync("data-match", "true");
        await Expect(Reason("rule.all[1]")).ToContainTextAsync("\"free\"");

        ILocator Reason(string path) => page.Page.Locator($"[data-path='{path}']");
    }

    [Fact]
    public async Task Fault_OfACondition_IsShownAtIt()
    {
        await using var page = await OpenAsync();
        await page.NewAsync();
        await page.TypeRuleAsync("""{"any":[{"type":"event","event_type":"order_placed"},{"type":"user_property","property":"plan..name","operator":"is_set"}]}""");

        await Expect(page.Condition(1).Locator("[data-kind='fault']")).ToBeVisibleAsync();
        await Expect(page.Condition(0).Locator("[data-kind='fault']")).ToHaveCountAsync(0);
        await Expect(page.Section("result")).ToHaveAttributeAsync("data-count", "faulty");

        await page.Condition(1).Field("path").FillAsync("plan.name");
        await page.ExpectCountAsync(0);
        await Expect(page.Condition(1).Locator("[data-kind='fault']")).ToHaveCountAsync(0);
    }

    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 375)]
    public async Task Page_WithASegment_IsAccessibleAndNeedsNoScrollingSideways(ColorScheme scheme, int width)
    {
        await using var page = await OpenAsync(options =>
        {
            options.ColorScheme = scheme;
            options.ViewportSize = new() { Width = width, Height = 812 };
        });
        await SegmentsPage.FillAsync(page);
        await page.NewAsync();
        await page.TypeRuleAsync(SegmentsRules.OfEveryKind);
        await page.SaveAsync("A segment with a name that is longer than one line of its list");
        await page.ExpectStateAsync("changes", "empty");
        await Expect(page.Section("members")).ToBeVisibleAsync();
        await page.Section("check-id").FillAsync("b");
        await page.Section("check-id").PressAsync("Enter");
        await Expect(page.Section("check-answer")).ToHaveAttributeAsync("data-match", "false");

        await Expect(page.Page.Locator("body")).ToHaveAttributeAsync("data-theme", scheme == ColorScheme.Dark ? "dark" : "light");
        Assert.Equal(0, await page.OverflowAsync());
        Assert.Empty(await page.GraveViolationsAsync());
        Assert.Empty(await page.HarmAsync());
    }

    private Task<MonitoringPage> OpenAsync(Action<BrowserNewContextOptions>? change = null) => browser.OpenAsync(system.GetAsync, change, SegmentsPage.Path);

    private static void AssertJson(string expected, JsonElement actual) =>
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(expected), actual), actual.GetRawText());
}

using System.Net.Http.Headers;
using System.Text;
using SegOps.Tests.EndToEnd;
using static Microsoft.Playwright.Assertions;

namespace SegOps.Tests.Browser;

/// <summary>How the page of segments saves, and what it does with changes that are not saved.</summary>
[Trait("Stage", "long")]
public sealed class SegmentsEditingTests(BrowserFixture browser, SystemFixture system)
{
    private const string Orders = """{"type":"event","event_type":"order_placed"}""";
    private const string Carts = """{"type":"event","event_type":"cart_created"}""";

    [Fact(Explicit = true)]
    public async Task SignIn_OnTheMonitoringPage_HoldsHereAndSigningOutStaysHere()
    {
        await using var page = await browser.OpenAsync(system.GetAsync);
        await page.SignInAsync();

        await page.Page.Locator(".top-actions a[href='/segments']").ClickAsync();
        await Expect(page.Section("intro")).ToBeVisibleAsync();
        await page.Section("sign-out").ClickAsync();

        await Expect(page.KeyField).ToBeVisibleAsync();
        Assert.EndsWith("/segments", new Uri(page.Page.Url).AbsolutePath, StringComparison.Ordinal);
    }

    [Fact(Explicit = true)]
    public async Task Property_OfTheProjectsUsers_IsSuggested()
    {
        await using var page = await OpenAsync();
        await SegmentsPage.FillAsync(page);
        await page.NewAsync();

        var property = (await page.AddAsync("user_property")).Field("path");

        var suggested = page.Page.Locator($"datalist#{await property.GetAttributeAsync("list")} option");
        await Expect(suggested).ToHaveAttributeAsync("value", "plan");
    }

    [Fact(Explicit = true)]
    public async Task Keyboard_Alone_MakesARuleAndSavesIt()
    {
        await using var page = await OpenAsync();
        await page.NewAsync();

        await FocusAsync(page, "#segment-name");
        await page.Page.Keyboard.TypeAsync("By keyboard");
        await FocusAsync(page, "#builder [data-field='add-event']");
        await page.Page.Keyboard.PressAsync("Enter");
        await page.Page.Keyboard.TypeAsync("order_placed");
        await FocusAsync(page, "#builder > .box > .adds [data-field='add-user_property']");
        await page.Page.Keyboard.PressAsync("Enter");
        await page.Page.Keyboard.TypeAsync("plan");
        await page.Page.Keyboard.PressAsync("Tab");
        await page.Page.Keyboard.TypeAsync("is set");
        await page.ExpectCountAsync(0);
        await page.Page.Keyboard.PressAsync("Alt+ArrowUp");

        await Expect(page.Condition(0)).ToHaveAttributeAsync("data-type", "user_property");
        await Expect(page.Condition(0).Field("operator")).ToBeFocusedAsync();
        await FocusAsync(page, "#save");
        await page.Page.Keyboard.PressAsync("Enter");
        await Expect(page.Section("save-status")).ToHaveTextAsync("Saved, version 1");
        await Expect(page.Section("segment-rows").Locator("li")).ToContainTextAsync("By keyboard");
    }

    [Theory(Explicit = true)]
    [InlineData("theirs", 2)]
    [InlineData("mine", 3)]
    public async Task Save_SegmentThatWasChangedMeanwhile_LetsTheUserChoose(string answer, int version)
    {
        await using var page = await SavedAsync("First");
        await ReplaceAsync(page, "Theirs", Carts);

        await page.Section("segment-name").FillAsync("Mine");
        await page.Section("save").ClickAsync();
        await Expect(page.Section("ask")).ToContainTextAsync("Theirs");
        Assert.Empty(await page.GraveViolationsAsync());
        await page.Answer(answer).ClickAsync();

        await Expect(page.Section("save-status")).ToHaveTextAsync($"Saved, version {version}");
        await Expect(page.Section("segment-name")).ToHaveValueAsync(answer == "mine" ? "Mine" : "Theirs");
        await Expect(page.Section("rule-json")).ToHaveValueAsync(new System.Text.RegularExpressions.Regex(answer == "mine" ? "order_placed" : "cart_created"));
    }

    [Fact(Explicit = true)]
    public async Task Save_SegmentThatWasDeletedMeanwhile_OffersANewOne()
    {
        await using var page = await SavedAsync("First");
        await SendAsync(page, HttpMethod.Delete, null);

        await page.Section("segment-name").FillAsync("Second");
        await page.Section("save").ClickAsync();
        await page.Answer("new").ClickAsync();

        await Expect(page.Section("save-status")).ToHaveTextAsync("Saved, version 1");
        await Expect(page.Section("segment-rows").Locator("li")).ToContainTextAsync("Second");
    }

    [Fact(Explicit = true)]
    public async Task Delete_NeedsAConfirmation()
    {
        await using var page = await SavedAsync("First");

        await page.Section("delete").ClickAsync();
        await Expect(page.Answer("keep")).ToBeFocusedAsync();
        await page.Page.Keyboard.PressAsync("Escape");
        await Expect(page.Section("ask")).ToBeHiddenAsync();
        await Expect(page.Section("save-status")).ToHaveTextAsync("Saved, version 1");
        await page.Section("delete").ClickAsync();
        await page.Answer("delete").ClickAsync();

        await Expect(page.Section("intro")).ToBeVisibleAsync();
        await page.ExpectStateAsync("segments", "empty");
    }

    [Fact(Explicit = true)]
    public async Task Leave_WithChanges_AsksFirst()
    {
        await using var page = await SavedAsync("First");
        await page.Section("segment-name").FillAsync("Changed");

        await page.Section("new-segment").ClickAsync();
        await page.Answer("keep").ClickAsync();
        await Expect(page.Section("segment-name")).ToHaveValueAsync("Changed");
        await page.Section("new-segment").ClickAsync();
        await page.Answer("discard").ClickAsync();

        await Expect(page.Section("intro")).ToBeVisibleAsync();
        await Expect(page.Section("segment-name")).ToHaveValueAsync("");
    }

    [Fact(Explicit = true)]
    public async Task Json_InvalidOrNotForTheBuilder_IsExplained()
    {
        await using var page = await OpenAsync();
        await page.NewAsync();
        await page.ViewAsync("json");

        await page.Section("rule-json").FillAsync("{\"all\":[");
        await Expect(page.Section("json-fault")).ToContainTextAsync("not JSON");
        await page.Section("rule-json").FillAsync("""{"all":[{"type":"place"}]}""");
        await Expect(page.Section("rule-notes")).ToContainTextAsync("rule.all[0].type");
        await page.ViewAsync("builder");
        await Expect(page.Section("unreadable")).ToContainTextAsync("rule.all[0].type");
        await page.TypeRuleAsync(Orders);

        await Expect(page.Condition(0).Field("eventType")).ToHaveValueAsync("order_placed");
        await Expect(page.Section("unreadable")).ToBeHiddenAsync();
        await page.ExpectCountAsync(0);
    }

    [Fact(Explicit = true)]
    public async Task Curl_ShownForARule_QuotesItForTheShell()
    {
        await using var page = await OpenAsync();
        await page.NewAsync();
        await page.TypeRuleAsync("""{"type":"user_property","property":"name","operator":"equals","value":"O'Neil"}""");

        await Expect(page.Section("curl")).ToContainTextAsync("""O'\''Neil""");
        await Expect(page.Section("curl")).Not.ToContainTextAsync(page.Project.Key);
    }

    [Fact(Explicit = true)]
    public async Task Undo_OfARemovedGroup_BringsItBack()
    {
        await using var page = await OpenAsync();
        await page.NewAsync();
        await page.TypeRuleAsync($$"""{"all":[{{Orders}},{"any":[{{Carts}},{{Orders}}]}]}""");

        await page.Page.Locator("#builder .box .box [data-field='remove']").First.ClickAsync();
        await Expect(page.Page.Locator("#builder .condition")).ToHaveCountAsync(1);
        await page.Section("undo").ClickAsync();

        await Expect(page.Page.Locator("#builder .condition")).ToHaveCountAsync(3);
        await Expect(page.Section("undo")).ToBeDisabledAsync();
    }

    private Task<MonitoringPage> OpenAsync() => browser.OpenAsync(system.GetAsync, path: SegmentsPage.Path);

    private async Task<MonitoringPage> SavedAsync(string name)
    {
        var page = await OpenAsync();
        await page.NewAsync();
        await page.TypeRuleAsync(Orders);
        await page.SaveAsync(name);
        return page;
    }

    /// <summary>Replaces the segment that the page shows, as another user.</summary>
    private static Task ReplaceAsync(MonitoringPage page, string name, string rule) => SendAsync(page, HttpMethod.Put, $$"""{"name":"{{name}}","rule":{{rule}}}""");

    private static async Task SendAsync(MonitoringPage page, HttpMethod method, string? body)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(method, new Uri(page.Project.System.System.GatewayUrl, "/api/segments/" + new Uri(page.Page.Url).Fragment[1..]));
        request.Headers.TryAddWithoutValidation("Authorization", "ApiKey " + page.Project.Key);
        request.Headers.IfMatch.Add(EntityTagHeaderValue.Any);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Presses Tab until the element has the focus.</summary>
    private static async Task FocusAsync(MonitoringPage page, string selector)
    {
        var element = page.Page.Locator(selector).First;
        for (var i = 0; i < 100 && !await element.EvaluateAsync<bool>("element => element === document.activeElement"); i++)
            await page.Page.Keyboard.PressAsync("Tab");
        await Expect(element).ToBeFocusedAsync();
    }
}

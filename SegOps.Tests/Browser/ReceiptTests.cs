using Microsoft.Playwright;
using SegOps.Contracts;
using SegOps.Tests.EndToEnd;
using static Microsoft.Playwright.Assertions;

namespace SegOps.Tests.Browser;

/// <summary>The section that tells where an event is.</summary>
[Trait("Stage", "long")]
public sealed class ReceiptTests(BrowserFixture browser, SystemFixture system)
{
    [Theory(Explicit = true)]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Find_StoredEvent_ShowsItsTimes(ColorScheme scheme)
    {
        await using var page = await OpenAsync(scheme);
        var id = await page.Project.SendAsync("find_me");

        await FindAsync(page, $"  {id.ToString().ToUpperInvariant()} ");

        await ExpectStateAsync(page, "stored");
        await Expect(Answer(page)).ToContainTextAsync("find_me");
        await Expect(Answer(page).Locator("time")).ToHaveCountAsync(3);
        Assert.Empty(await page.GraveViolationsAsync());
    }

    [Theory(Explicit = true)]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Find_RefusedEvent_ShowsItsFaultAndHowToMendIt(ColorScheme scheme)
    {
        await using var page = await OpenAsync(scheme);
        var id = Guid.NewGuid();
        await page.Project.System.Api.PostAsync(page.Project.Key, Api.Single, $$"""{"event_id":"{{id}}","user_id":"u"}""");
        await page.ExpectStateAsync("errors", "ready"); // so that it is stored

        await FindAsync(page, $"{id}");

        await ExpectStateAsync(page, "rejected");
        await Expect(Answer(page).Locator($"[data-code='{EventErrorCodes.Required}'][data-field='event_type']")).ToContainTextAsync("Fix");
        Assert.Empty(await page.GraveViolationsAsync());
    }

    [Fact(Explicit = true)]
    public async Task Find_UnknownEvent_SaysWhatThatCanMean()
    {
        await using var page = await OpenAsync();

        await FindAsync(page, $"{Guid.NewGuid()}");

        await ExpectStateAsync(page, "unknown");
        await Expect(Answer(page)).ToContainTextAsync("never sent");
        Assert.Empty(await page.GraveViolationsAsync());
    }

    [Theory(Explicit = true)]
    [InlineData("")]
    [InlineData("order_placed")]
    public async Task Find_NoId_IsExplainedWithoutARequest(string text)
    {
        await using var page = await OpenAsync();

        await FindAsync(page, text);

        await Expect(page.Section("receipt-fault")).Not.ToBeEmptyAsync();
        await Expect(page.Section("receipt-id")).ToHaveAttributeAsync("aria-invalid", "true");
        Assert.DoesNotContain(page.Requests, url => url.Contains("/api/ingestion/", StringComparison.Ordinal));
        Assert.Empty(await page.GraveViolationsAsync());
    }

    [Fact(Explicit = true)]
    public async Task Find_EventInFlight_LooksAgainUntilItIsStored()
    {
        await using var page = await OpenAsync();
        var id = await page.Project.SendAsync();
        var isStored = false;
        await page.Page.RouteAsync("**/api/ingestion/events/**", route => isStored ? route.ContinueAsync() : route.FulfillAsync(new()
        {
            ContentType = "application/json",
            Body = $$"""{"event_id":"{{id}}","state":"in_flight","environment":"live","received_at":"2026-01-02T03:04:05.678Z","reason":"It is on its way."}""",
        }));

        await FindAsync(page, $"{id}");
        await ExpectStateAsync(page, "in_flight");
        await Expect(Answer(page)).ToContainTextAsync("checks again");
        Assert.Empty(await page.GraveViolationsAsync());
        isStored = true;

        await ExpectStateAsync(page, "stored");
    }

    [Fact(Explicit = true)]
    public async Task Find_WhileTheWarehouseIsAway_ShowsTheProblem()
    {
        await using var page = await OpenAsync();
        await page.Page.RouteAsync("**/api/ingestion/events/**", route => route.FulfillAsync(new()
        {
            Status = 503,
            ContentType = "application/problem+json",
            Body = """{"title":"The analytics warehouse did not answer.","detail":"The warehouse cannot be reached.","code":"warehouse_unavailable","status":503}""",
        }));

        await FindAsync(page, $"{Guid.NewGuid()}");

        await page.ExpectStateAsync("receipt", "error");
        await Expect(page.Section("receipt")).ToContainTextAsync("The warehouse cannot be reached.");
    }

    [Fact(Explicit = true)]
    public async Task LiveEvent_ItsId_LeadsToWhereItIs()
    {
        await using var page = await OpenAsync();
        var id = await page.Project.SendAsync("live_order");
        await Expect(page.Live(id)).ToBeVisibleAsync();

        await page.Live(id).Locator("summary").ClickAsync();
        await page.Live(id).GetByRole(AriaRole.Button, new() { Name = $"{id}" }).ClickAsync();

        await ExpectStateAsync(page, "stored");
        await Expect(page.Section("receipt-id")).ToHaveValueAsync($"{id}");
    }

    /// <summary>Signed in, to a project that has sent an event already and so sees all sections.</summary>
    private async Task<MonitoringPage> OpenAsync(ColorScheme scheme = ColorScheme.Light)
    {
        var page = await browser.OpenAsync(system.GetAsync, options => options.ColorScheme = scheme);
        await page.Project.SendAsync();
        await page.SignInAsync();
        await Expect(page.Dashboard).ToHaveAttributeAsync("data-mode", "figures"); // until the event is stored, the section can vanish under the keys
        return page;
    }

    private static ILocator Answer(MonitoringPage page) => page.Section("receipt-answer");

    private static async Task FindAsync(MonitoringPage page, string id)
    {
        await page.Section("receipt-id").FillAsync(id);
        await page.Section("receipt-id").PressAsync("Enter");
    }

    private static Task ExpectStateAsync(MonitoringPage page, string state) => Expect(Answer(page)).ToHaveAttributeAsync("data-receipt-state", state);
}

using SegOps.Contracts;
using SegOps.Tests.EndToEnd;
using static Microsoft.Playwright.Assertions;

namespace SegOps.Tests.Browser;

[Trait("Stage", "long")]
public sealed class FiguresTests(BrowserFixture browser, SystemFixture system)
{
    [Fact(Explicit = true)]
    public async Task Volume_AfterAThousandEvents_IsAThousand()
    {
        await using var page = await browser.OpenAsync(system.GetAsync);
        await page.Project.SendAsync();
        await page.SignInAsync();
        await page.ExpectFigureAsync("volume-accepted", 1);

        await page.Project.SendManyAsync(999);

        await page.ExpectFigureAsync("volume-accepted", 1000);
        await page.ExpectFigureAsync("volume-rejected", 0);
    }

    [Fact(Explicit = true)]
    public async Task Error_OfAnEvent_AppearsWithItsCodeAndField()
    {
        await using var page = await browser.OpenAsync(system.GetAsync);
        await page.Project.SendAsync();
        await page.SignInAsync();
        await page.ExpectStateAsync("errors", "empty");

        await page.Project.System.Api.PostAsync(page.Project.Key, Api.Single, """{"user_id":"u"}""");

        await page.ExpectStateAsync("errors", "ready");
        await Expect(page.Section("errors")).ToContainTextAsync(EventErrorCodes.Required);
        await Expect(page.Section("errors")).ToContainTextAsync("event_type");
        await page.ExpectFigureAsync("volume-rejected", 1);
    }

    [Fact(Explicit = true)]
    public async Task Ledger_EventsOfAllKinds_Balances()
    {
        await using var page = await browser.OpenAsync(system.GetAsync);
        var id = await page.Project.SendAsync();
        await page.Project.System.Api.TrackAsync(page.Project.Key, $$"""{"event_id":"{{id}}","event_type":"order_placed","user_id":"user-1"}""");
        await page.Project.System.Api.PostAsync(page.Project.Key, Api.Single, """{"user_id":"u"}""");
        await page.SignInAsync();

        await Expect(page.Section("ledger-verdict")).ToHaveAttributeAsync("data-ledger", "balanced");
        foreach (var (figure, value) in ((string, long)[])[("received", 3), ("stored", 1), ("duplicates", 1), ("rejected", 1), ("in_flight", 0)])
            await page.ExpectFigureAsync($"ledger-{figure}", value);
        await Expect(page.Section("ledger-verdict")).ToHaveTextAsync("Every event accounted for");
    }

    [Fact(Explicit = true)]
    public async Task Ledger_EventsMissing_AreToldAtTheTopToo()
    {
        await using var page = await browser.OpenAsync(system.GetAsync);
        await page.Project.SendAsync();
        await page.LoseEventsAsync();
        await page.SignInAsync();

        await Expect(page.Section("ledger-verdict")).ToContainTextAsync("3 events missing since");
        await Expect(page.Section("health-summary")).ToContainTextAsync("3 events missing");
        await page.ExpectFigureAsync("ledger-missing", 3);
    }

    [Fact(Explicit = true)]
    public async Task Health_EverythingRuns_ShowsEveryStageOk()
    {
        await using var page = await browser.OpenAsync(system.GetAsync);
        await page.SignInAsync();

        foreach (var stage in (string[])["event_stream", "ingestor_worker", "analytics_warehouse"])
            await page.ExpectStageAsync(stage, "ok");
        await page.ExpectStateAsync("freshness", "ready");
    }
}

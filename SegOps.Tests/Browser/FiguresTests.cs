using SegOps.Contracts;
using SegOps.Tests.EndToEnd;
using static Microsoft.Playwright.Assertions;

namespace SegOps.Tests.Browser;

[Collection(EndToEndCollection.Name)]
public sealed class FiguresTests(BrowserFixture browser, SystemFixture system)
{
    [Fact]
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

    [Fact]
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

    [Fact]
    public async Task Health_EverythingRuns_ShowsEveryStageOk()
    {
        await using var page = await browser.OpenAsync(system.GetAsync);
        await page.SignInAsync();

        foreach (var stage in (string[])["event_stream", "ingestor_worker", "analytics_warehouse"])
            await page.ExpectStageAsync(stage, "ok");
        await page.ExpectStateAsync("freshness", "ready");
    }
}

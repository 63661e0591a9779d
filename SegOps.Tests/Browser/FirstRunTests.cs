using SegOps.Tests.EndToEnd;
using static Microsoft.Playwright.Assertions;

namespace SegOps.Tests.Browser;

public sealed class FirstRunTests(BrowserFixture browser, SystemFixture system)
{
    [Fact]
    public async Task SignIn_EmptyProject_ShowsTheCurlToPaste()
    {
        await using var page = await browser.OpenAsync(system.GetAsync);

        await page.SignInAsync();

        await Expect(page.FirstRun).ToBeVisibleAsync();
        await Expect(page.FirstRun).ToContainTextAsync("curl");
        await Expect(page.FirstRun).ToContainTextAsync("/api/ingestion/track");
        await Expect(page.Section("volume")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task FirstEvent_OfAnEmptyProject_BringsTheSectionsWithoutAReload()
    {
        await using var page = await browser.OpenAsync(system.GetAsync);
        await page.SignInAsync();
        await Expect(page.FirstRun).ToBeVisibleAsync();
        var documents = page.Requests.Count(MonitoringPage.IsDocument);

        await page.Project.SendAsync("first_order");

        await Expect(page.Section("volume")).ToBeVisibleAsync();
        await page.ExpectFigureAsync("volume-accepted", 1);
        await Expect(page.Section("event-types")).ToContainTextAsync("first_order");
        Assert.Equal(documents, page.Requests.Count(MonitoringPage.IsDocument));
    }
}

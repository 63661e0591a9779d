using SegOps.Tests.EndToEnd;
using static Microsoft.Playwright.Assertions;

namespace SegOps.Tests.Browser;

public sealed class LiveTests(BrowserFixture browser, SystemFixture system)
{
    [Fact]
    public async Task Event_Sent_IsShown()
    {
        await using var page = await browser.OpenAsync(system.GetAsync);
        await page.Project.SendAsync();
        await page.SignInAsync();
        await page.ExpectLiveAsync();

        var id = await page.Project.SendAsync("live_order", "live-user", """{"total":89.95}""");

        await Expect(page.Live(id)).ToContainTextAsync("live_order");
        await Expect(page.Live(id)).ToContainTextAsync("live-user");
    }

    [Fact]
    public async Task Event_SentWhilePaused_IsHeldBackUntilResumed()
    {
        await using var page = await browser.OpenAsync(system.GetAsync);
        await page.Project.SendAsync();
        await page.SignInAsync();
        await page.ExpectLiveAsync();

        await page.LivePause.ClickAsync();
        await Expect(page.LivePause).ToHaveAttributeAsync("aria-pressed", "true");
        var id = await page.Project.SendAsync("held_back");
        await Expect(page.LivePause).ToContainTextAsync("1 new");
        await Expect(page.Live(id)).ToHaveCountAsync(0);

        await page.LivePause.ClickAsync();
        await Expect(page.Live(id)).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Filter_ByUser_ShowsTheirEventsOnly()
    {
        await using var page = await browser.OpenAsync(system.GetAsync);
        var other = await page.Project.SendAsync(user: "other");
        var wanted = await page.Project.SendAsync(user: "wanted");
        await page.SignInAsync();
        await Expect(page.Live(other)).ToBeVisibleAsync();

        await page.Section("live-user-id").FillAsync("wanted");
        await page.Section("live-user-id").PressAsync("Enter");

        await Expect(page.Live(other)).ToHaveCountAsync(0);
        await Expect(page.Live(wanted)).ToBeVisibleAsync();
    }
}

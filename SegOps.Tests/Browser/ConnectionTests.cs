using SegOps.Tests.EndToEnd;
using static Microsoft.Playwright.Assertions;

namespace SegOps.Tests.Browser;

public sealed class ConnectionTests(BrowserFixture browser, SystemFixture system)
{
    [Fact]
    public async Task Gateway_StopsAnsweringAndAnswersAgain_IsShownAndTheFiguresGoOn()
    {
        await using var page = await browser.OpenAsync(system.GetAsync);
        await page.Project.SendAsync();
        await page.SignInAsync();
        await page.ExpectFigureAsync("volume-accepted", 1);
        await Expect(page.Connection).ToBeHiddenAsync();

        await page.Page.RouteAsync("**/api/**", static route => route.AbortAsync("connectionrefused"));
        await Expect(page.Connection).ToBeVisibleAsync();
        await page.ExpectFigureAsync("volume-accepted", 1);

        await page.Page.UnrouteAsync("**/api/**");
        await page.Project.SendAsync();
        await Expect(page.Connection).ToBeHiddenAsync();
        await page.ExpectFigureAsync("volume-accepted", 2);
    }
}

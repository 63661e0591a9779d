using Microsoft.Playwright;
using SegOps.Tests.EndToEnd;
using static Microsoft.Playwright.Assertions;

namespace SegOps.Tests.Browser;

[Trait("Stage", "long")]
public sealed class AppearanceTests(BrowserFixture browser, SystemFixture system)
{
    private const string Overflow = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth";
    private const string Background = "() => getComputedStyle(document.body).backgroundColor";

    [Fact(Explicit = true)]
    public async Task Theme_OfTheSystem_IsFollowedWhileThePageIsOpen()
    {
        await using var page = await browser.OpenAsync(system.GetAsync);
        await Expect(page.Page.Locator("body")).ToHaveAttributeAsync("data-theme", "light");
        var light = await page.Page.EvaluateAsync<string>(Background);

        await page.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });

        await Expect(page.Page.Locator("body")).ToHaveAttributeAsync("data-theme", "dark");
        await Expect(page.Page.Locator("body")).Not.ToHaveCSSAsync("background-color", light);
    }

    [Theory(Explicit = true)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Width_OfAPhone_NeedsNoScrollingSideways(bool busy)
    {
        await using var page = await browser.OpenAsync(system.GetAsync, static options => options.ViewportSize = new() { Width = 375, Height = 812 });
        Assert.Equal(0, await page.Page.EvaluateAsync<int>(Overflow));
        if (busy)
            await page.Project.FillAsync();

        await page.SignInAsync();
        await (busy ? page.ExpectFilledAsync() : Expect(page.FirstRun).ToBeVisibleAsync());

        Assert.Equal(0, await page.Page.EvaluateAsync<int>(Overflow));
    }
}

using Microsoft.Playwright;
using SegOps.Tests.EndToEnd;
using static Microsoft.Playwright.Assertions;

namespace SegOps.Tests.Browser;

/// <summary>axe-core's rules, on what the page looks like in each of its states.</summary>
[Trait("Stage", "long")]
public sealed class AccessibilityTests(BrowserFixture browser, SystemFixture system)
{
    [Theory(Explicit = true)]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task SignedOut_HasNoGraveViolation(ColorScheme scheme)
    {
        await using var page = await OpenAsync(scheme);
        await Expect(page.KeyField).ToBeVisibleAsync();

        Assert.Empty(await page.GraveViolationsAsync());
    }

    [Theory(Explicit = true)]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task FirstRun_HasNoGraveViolation(ColorScheme scheme)
    {
        await using var page = await OpenAsync(scheme);
        await page.SignInAsync();
        await Expect(page.FirstRun).ToBeVisibleAsync();

        Assert.Empty(await page.GraveViolationsAsync());
    }

    [Theory(Explicit = true)]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Busy_HasNoGraveViolation(ColorScheme scheme)
    {
        await using var page = await OpenAsync(scheme);
        await page.Project.FillAsync();
        await page.SignInAsync();
        await page.ExpectFilledAsync();

        Assert.Empty(await page.GraveViolationsAsync());
    }

    [Theory(Explicit = true)]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Disconnected_HasNoGraveViolation(ColorScheme scheme)
    {
        await using var page = await OpenAsync(scheme);
        await page.Project.SendAsync();
        await page.SignInAsync();
        await page.Page.RouteAsync("**/api/**", static route => route.AbortAsync());
        await Expect(page.Connection).ToBeVisibleAsync();

        Assert.Empty(await page.GraveViolationsAsync());
    }

    private Task<MonitoringPage> OpenAsync(ColorScheme scheme) => browser.OpenAsync(system.GetAsync, options => options.ColorScheme = scheme);
}

using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using SegOps.Tests.EndToEnd;
using static Microsoft.Playwright.Assertions;

namespace SegOps.Tests.Browser;

/// <summary>axe-core's rules, on what the page looks like in each of its states.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class AccessibilityTests(BrowserFixture browser, SystemFixture system)
{
    private static readonly string[] Grave = ["serious", "critical"];

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task SignedOut_HasNoGraveViolation(ColorScheme scheme)
    {
        await using var page = await OpenAsync(scheme);
        await Expect(page.KeyField).ToBeVisibleAsync();

        Assert.Empty(await ViolationsAsync(page));
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task FirstRun_HasNoGraveViolation(ColorScheme scheme)
    {
        await using var page = await OpenAsync(scheme);
        await page.SignInAsync();
        await Expect(page.FirstRun).ToBeVisibleAsync();

        Assert.Empty(await ViolationsAsync(page));
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Busy_HasNoGraveViolation(ColorScheme scheme)
    {
        await using var page = await OpenAsync(scheme);
        await page.Project.FillAsync();
        await page.SignInAsync();
        await page.ExpectFilledAsync();

        Assert.Empty(await ViolationsAsync(page));
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Disconnected_HasNoGraveViolation(ColorScheme scheme)
    {
        await using var page = await OpenAsync(scheme);
        await page.Project.SendAsync();
        await page.SignInAsync();
        await page.Page.RouteAsync("**/api/**", static route => route.AbortAsync());
        await Expect(page.Connection).ToBeVisibleAsync();

        Assert.Empty(await ViolationsAsync(page));
    }

    private Task<MonitoringPage> OpenAsync(ColorScheme scheme) => browser.OpenAsync(system.GetAsync, options => options.ColorScheme = scheme);

    private static async Task<IReadOnlyList<string>> ViolationsAsync(MonitoringPage page)
    {
        var result = await page.Page.RunAxe();
        Assert.NotEmpty(result.Passes);
        return
        [
            .. result.Violations.Where(violation => Grave.Contains(violation.Impact))
                .Select(violation => $"{violation.Id} ({violation.Impact}): {string.Join(", ", violation.Nodes.Select(node => node.Html))}"),
        ];
    }
}

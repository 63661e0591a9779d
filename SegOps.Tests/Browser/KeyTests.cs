using Microsoft.Playwright;
using SegOps.Contracts;
using SegOps.Tests.EndToEnd;
using static Microsoft.Playwright.Assertions;

namespace SegOps.Tests.Browser;

/// <summary>What becomes of the key that somebody signs in with.</summary>
public sealed class KeyTests(BrowserFixture browser, SystemFixture system)
{
    [Fact]
    public async Task SignIn_ByKeyboardAlone_Works()
    {
        await using var page = await browser.OpenAsync(system.GetAsync);

        await Expect(page.KeyField).ToBeVisibleAsync();
        for (var i = 0; i < 20 && !await IsFocusedAsync(page.KeyField); i++)
            await page.Page.Keyboard.PressAsync("Tab");
        await page.Page.Keyboard.TypeAsync(page.Project.Key);
        await page.Page.Keyboard.PressAsync("Enter");

        await Expect(page.Dashboard).ToBeVisibleAsync();
    }

    [Fact]
    public async Task SignIn_KeyThatNobodyIssued_IsRefusedWithAReason()
    {
        await using var page = await browser.OpenAsync(system.GetAsync);

        await page.KeyField.FillAsync(ApiKey.Generate(Environments.Live));
        await page.KeyField.PressAsync("Enter");

        await Expect(page.Section("sign-in-error")).Not.ToBeEmptyAsync();
        await Expect(page.Dashboard).ToBeHiddenAsync();
    }

    [Fact]
    public async Task Key_SignedInWith_IsInNoUrlAndNoRequestLeavesTheOrigin()
    {
        await using var page = await browser.OpenAsync(system.GetAsync);
        await page.Project.FillAsync();

        await page.SignInAsync();
        await page.ExpectFilledAsync();

        Assert.DoesNotContain(page.Requests.Append(page.Page.Url), url => url.Contains(page.Project.Key, StringComparison.Ordinal) || url.Contains("sk_", StringComparison.Ordinal));
        Assert.All(page.Requests, url => Assert.True(page.IsOwn(url), url));
    }

    [Fact]
    public async Task Key_SignedInWith_IsGoneWithTheTab()
    {
        await using var page = await browser.OpenAsync(system.GetAsync);
        await page.SignInAsync();

        await page.Page.ReloadAsync();
        await Expect(page.Dashboard).ToBeVisibleAsync();
        var other = await page.Page.Context.NewPageAsync();
        await other.GotoAsync("/");

        await Expect(other.Locator("#api-key")).ToBeVisibleAsync();
        Assert.DoesNotContain(page.Project.Key, await other.EvaluateAsync<string>("() => JSON.stringify(localStorage) + document.cookie"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignOut_Afterwards_NothingOfTheProjectIsLeft()
    {
        await using var page = await browser.OpenAsync(system.GetAsync);
        await page.SignInAsync();

        await page.Section("sign-out").ClickAsync();

        await Expect(page.KeyField).ToBeVisibleAsync();
        Assert.DoesNotContain(page.Project.Key, await page.Page.EvaluateAsync<string>("() => JSON.stringify(sessionStorage) + document.documentElement.outerHTML"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Key_RevokedWhileThePageIsOpen_SignsOutWithAReason()
    {
        await using var page = await browser.OpenAsync(system.GetAsync);
        await page.SignInAsync();

        await page.Project.System.Admin.RevokeAllAsync(page.Project.Id);

        await Expect(page.KeyField).ToBeVisibleAsync();
        await Expect(page.Section("sign-in-error")).Not.ToBeEmptyAsync();
    }

    private static Task<bool> IsFocusedAsync(ILocator element) => element.EvaluateAsync<bool>("e => e === document.activeElement");
}

using Microsoft.Playwright;
using SegOps.Contracts;
using SegOps.Tests.EndToEnd;
using static Microsoft.Playwright.Assertions;

namespace SegOps.Tests.Browser;

/// <summary>What becomes of the key that somebody signs in with.</summary>
[Trait("Stage", "long")]
public sealed class KeyTests(BrowserFixture browser, SystemFixture system)
{
    private const string Storage = "() => JSON.stringify(sessionStorage) + JSON.stringify(localStorage)";

    [Fact(Explicit = true)]
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

    [Fact(Explicit = true)]
    public async Task SignIn_KeyThatNobodyIssued_IsRefusedWithAReason()
    {
        await using var page = await browser.OpenAsync(system.GetAsync);

        await page.KeyField.FillAsync(ApiKey.Generate(Environments.Live));
        await page.KeyField.PressAsync("Enter");

        await Expect(page.Section("sign-in-error")).Not.ToBeEmptyAsync();
        await Expect(page.Dashboard).ToBeHiddenAsync();
    }

    [Theory(Explicit = true)]
    [InlineData("pk_live_")]
    [InlineData("ApiKey pk_test_")]
    [InlineData("Authorization: Bearer pk_live_")]
    public async Task SignIn_PublishableKey_IsRefusedWhileItIsTypedWithoutARequest(string typed)
    {
        await using var page = await browser.OpenAsync(system.GetAsync);

        await page.KeyField.FillAsync(typed + new string('A', 38));
        await Expect(page.Section("sign-in-error")).ToContainTextAsync("publishable key");
        await page.KeyField.PressAsync("Enter");

        await Expect(page.Section("sign-in-error")).ToContainTextAsync("Sign in with a secret key");
        Assert.DoesNotContain(page.Requests, url => url.Contains("/api/", StringComparison.Ordinal));
        Assert.Empty(await page.GraveViolationsAsync());
    }

    [Fact(Explicit = true)]
    public async Task SignIn_KeyThatCannotRead_IsRefusedAndNotKept()
    {
        await using var page = await browser.OpenAsync(system.GetAsync);
        await page.Page.RouteAsync("**/api/**", CannotReadAsync);

        await page.KeyField.FillAsync(page.Project.Key);
        await page.KeyField.PressAsync("Enter");

        await Expect(page.Section("sign-in-error")).ToContainTextAsync("publishable key");
        await Expect(page.Dashboard).ToBeHiddenAsync();
        Assert.DoesNotContain(page.Project.Key, await page.Page.EvaluateAsync<string>(Storage), StringComparison.Ordinal);
    }

    [Fact(Explicit = true)]
    public async Task Key_ThatCannotReadAnyMore_SignsOutWithAReason()
    {
        await using var page = await browser.OpenAsync(system.GetAsync);
        await page.SignInAsync();

        await page.Page.RouteAsync("**/api/**", CannotReadAsync);

        await Expect(page.KeyField).ToBeVisibleAsync();
        await Expect(page.Section("sign-in-error")).ToContainTextAsync("publishable key");
        Assert.DoesNotContain(page.Project.Key, await page.Page.EvaluateAsync<string>(Storage), StringComparison.Ordinal);
    }

    [Fact(Explicit = true)]
    public async Task Key_SignedInWith_IsInNoUrlAndNoRequestLeavesTheOrigin()
    {
        await using var page = await browser.OpenAsync(system.GetAsync);
        await page.Project.FillAsync();

        await page.SignInAsync();
        await page.ExpectFilledAsync();

        Assert.DoesNotContain(page.Requests.Append(page.Page.Url), url => url.Contains(page.Project.Key, StringComparison.Ordinal) || url.Contains("sk_", StringComparison.Ordinal));
        Assert.All(page.Requests, url => Assert.True(page.IsOwn(url), url));
    }

    [Fact(Explicit = true)]
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

    [Fact(Explicit = true)]
    public async Task SignOut_Afterwards_NothingOfTheProjectIsLeft()
    {
        await using var page = await browser.OpenAsync(system.GetAsync);
        await page.SignInAsync();

        await page.Section("sign-out").ClickAsync();

        await Expect(page.KeyField).ToBeVisibleAsync();
        Assert.DoesNotContain(page.Project.Key, await page.Page.EvaluateAsync<string>("() => JSON.stringify(sessionStorage) + document.documentElement.outerHTML"), StringComparison.Ordinal);
    }

    [Fact(Explicit = true)]
    public async Task Key_RevokedWhileThePageIsOpen_SignsOutWithAReason()
    {
        await using var page = await browser.OpenAsync(system.GetAsync);
        await page.SignInAsync();

        await page.Project.System.Admin.RevokeAllAsync(page.Project.Id);

        await Expect(page.KeyField).ToBeVisibleAsync();
        await Expect(page.Section("sign-in-error")).Not.ToBeEmptyAsync();
    }

    /// <summary>What the gateway answers to a publishable key.</summary>
    private static Task CannotReadAsync(IRoute route) => route.FulfillAsync(new()
    {
        Status = 403,
        ContentType = "application/problem+json",
        Body = """{"title":"The key cannot read.","status":403,"code":"key_cannot_read"}""",
    });

    private static Task<bool> IsFocusedAsync(ILocator element) => element.EvaluateAsync<bool>("e => e === document.activeElement");
}

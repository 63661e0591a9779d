using SegOps.Tests.EndToEnd;
using static Microsoft.Playwright.Assertions;

namespace SegOps.Tests.Browser;

[Trait("Stage", "long")]
public sealed class FirstRunTests(BrowserFixture browser, SystemFixture system)
{
    [Fact(Explicit = true)]
    public async Task SignIn_EmptyProject_ShowsTheCurlToPaste()
    {
        await using var page = await browser.OpenAsync(system.GetAsync);

        await page.SignInAsync();

        await Expect(page.FirstRun).ToBeVisibleAsync();
        await Expect(page.FirstRun).ToContainTextAsync("curl");
        await Expect(page.FirstRun).ToContainTextAsync("/api/ingestion/track");
        await Expect(page.Section("volume")).ToBeHiddenAsync();
    }

    [Fact(Explicit = true)]
    public async Task Snippet_ForABrowser_IsChosenByKeyboardAndHoldsNoSecretKey()
    {
        await using var page = await browser.OpenAsync(system.GetAsync);
        await page.SignInAsync();
        await page.Section("first-run-key").ClickAsync();
        await Expect(page.Snippet).ToContainTextAsync(page.Project.Key);

        await page.Section("first-run-from-terminal").FocusAsync();
        await page.Page.Keyboard.PressAsync("ArrowRight");

        await Expect(page.Snippet).ToContainTextAsync($"fetch('{page.Project.System.System.GatewayUrl}api/ingestion/track/'");
        await Expect(page.Snippet).ToContainTextAsync("keepalive: true");
        await Expect(page.Snippet).ToContainTextAsync("pk_live_…");
        await Expect(page.FirstRun).Not.ToContainTextAsync(page.Project.Key);
        await Expect(page.Section("first-run-key")).ToBeHiddenAsync();
        Assert.Empty(await page.GraveViolationsAsync());
    }

    [Fact(Explicit = true)]
    public async Task Snippet_ForABrowser_SendsTheFirstEvent()
    {
        await using var page = await browser.OpenAsync(system.GetAsync);
        await page.SignInAsync();
        await Expect(page.FirstRun).ToBeVisibleAsync();
        await page.Section("first-run-from-browser").CheckAsync(new() { Force = true });
        var snippet = (await page.Snippet.TextContentAsync())!.Replace("pk_live_…", page.Project.Key, StringComparison.Ordinal);
        var script = snippet[(snippet.IndexOf('>', StringComparison.Ordinal) + 1)..snippet.LastIndexOf('<')];

        await page.Page.EvaluateAsync($"() => {{ {script} }}");

        await Expect(page.Section("first-run-what")).ToContainTextAsync("page_viewed of user-123");
    }

    [Theory(Explicit = true)]
    [InlineData("terminal")]
    [InlineData("browser")]
    public async Task Copy_Clicked_CopiesTheSnippetThatIsShown(string from)
    {
        await using var page = await browser.OpenAsync(system.GetAsync, static options => options.Permissions = ["clipboard-read", "clipboard-write"]);
        await page.SignInAsync();
        await Expect(page.FirstRun).ToBeVisibleAsync();
        await page.Section($"first-run-from-{from}").CheckAsync(new() { Force = true });

        await page.Section("first-run-copy").ClickAsync();

        await Expect(page.Section("first-run-copy")).ToHaveTextAsync("Copied");
        Assert.Equal(await page.Snippet.TextContentAsync(), await page.Page.EvaluateAsync<string>("() => navigator.clipboard.readText()"));
    }

    [Fact(Explicit = true)]
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

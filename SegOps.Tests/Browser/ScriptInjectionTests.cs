using SegOps.Tests.EndToEnd;
using static Microsoft.Playwright.Assertions;

namespace SegOps.Tests.Browser;

/// <summary>Events that carry markup, as somebody sends them who wants the people that read them to run it.</summary>
[Trait("Stage", "long")]
public sealed class ScriptInjectionTests(BrowserFixture browser, SystemFixture system)
{
    private const string Image = "<img src=x onerror=\"window.injected='image';alert(1)\">";
    private const string Script = "</script><script>window.injected='script';alert(1)</script>";
    private const string Attribute = "\"><svg onload=window.injected='svg'>";
    private const string Template = "{{constructor.constructor('window.injected=1')()}}${window.injected=1}";

    [Theory(Explicit = true)]
    [InlineData(Image)]
    [InlineData(Script)]
    [InlineData(Attribute)]
    [InlineData(Template)]
    public async Task Markup_InEveryFieldOfAnEvent_IsShownAsTextAndRunsNothing(string markup)
    {
        await using var page = await browser.OpenAsync(system.GetAsync);
        var text = JsonText(markup);
        await page.Project.SendAsync();
        await page.SignInAsync();

        var id = Guid.NewGuid();
        await page.Project.System.Api.TrackAsync(page.Project.Key,
            $$"""{"event_id":"{{id}}","event_type":{{text}},"user_id":{{text}},"payload":{ {{text}}:{{text}},"nested":[{{text}}] },{{text}}:{{text}} }""");
        await page.Project.System.Api.PostAsync(page.Project.Key, Api.Single,
            $$"""{"event_type":{{text}},"user_id":{{text}},"event_id":{{text}},"payload":{{text}} }""");

        await Expect(page.Live(id)).ToContainTextAsync(markup);
        await Expect(page.Section("event-types")).ToContainTextAsync(markup);
        await page.ExpectStateAsync("errors", "ready");
        await page.ExpectStateAsync("warnings", "ready");
        await page.OpenEverythingAsync();
        await Expect(page.Live(id)).ToContainTextAsync("nested");
        Assert.Empty(await page.HarmAsync());
    }

    [Fact(Explicit = true)]
    public async Task Markup_AsAKey_IsRefusedAndRunsNothing()
    {
        await using var page = await browser.OpenAsync(system.GetAsync);

        await page.KeyField.FillAsync(Image);
        await page.KeyField.PressAsync("Enter");

        await Expect(page.Section("sign-in-error")).Not.ToBeEmptyAsync();
        await Expect(page.Dashboard).ToBeHiddenAsync();
        Assert.Empty(await page.HarmAsync());
    }

    [Fact(Explicit = true)]
    public async Task Watch_OfTheseTests_NoticesWhatRuns()
    {
        await using var page = await browser.OpenAsync(system.GetAsync);

        await page.Page.EvaluateAsync("() => { const image = new Image(); image.src = 'https://elsewhere.example/x.png'; document.body.append(image) }");

        await Expect(page.Page.Locator("img[src*=elsewhere]")).ToHaveCountAsync(1);
        await Fixtures.Eventually.IsAsync(true, async () => (await page.HarmAsync()).Any(harm => harm.StartsWith("img-src", StringComparison.Ordinal)));
    }

    private static string JsonText(string text) => System.Text.Json.JsonSerializer.Serialize(text);
}

using SegOps.Tests.EndToEnd;
using static Microsoft.Playwright.Assertions;

namespace SegOps.Tests.Browser;

/// <summary>Parts that stop and start again, seen from a page that stays open.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class OutageTests(BrowserFixture browser, SystemFixture system)
{
    [Theory(Explicit = true)]
    [Trait("Stage", "long")]
    [InlineData("ingestor", "ingestor_worker")]
    [InlineData("clickhouse", "analytics_warehouse")]
    public async Task Stage_ItsServerStopsAndStarts_IsShownDownAndOkAgain(string part, string stage)
    {
        await using var page = await browser.OpenAsync(system.GetAsync);
        await page.SignInAsync();
        await page.ExpectStageAsync(stage, "ok");

        await using (await page.Project.System.WithoutAsync(part))
            await page.ExpectStageAsync(stage, "down");

        await page.ExpectStageAsync(stage, "ok");
        await Expect(page.Connection).ToBeHiddenAsync();
    }
}

using SegOps.Tests.EndToEnd;
using SegOps.Tests.Fixtures;
using static Microsoft.Playwright.Assertions;

namespace SegOps.Tests.Browser;

/// <summary>Parts that stop and start again, seen from a page that stays open. They have a system of their own to stop.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class OutageTests(BrowserFixture browser)
{
    [Fact]
    public async Task Stage_ItsServerStopsAndStarts_IsShownDownAndOkAgain()
    {
        using var folder = new TemporaryFolder();
        RunningSystem? own = null;
        try
        {
            await using var page = await browser.OpenAsync(async () => own = await RunningSystem.StartAsync(folder.Path));
            await page.SignInAsync();

            foreach (var (part, stage) in ((string, string)[])[("ingestor", "ingestor_worker"), ("clickhouse", "analytics_warehouse")])
            {
                await page.ExpectStageAsync(stage, "ok");
                await own!.System.Parts[part].StopAsync(TestContext.Current.CancellationToken);
                await page.ExpectStageAsync(stage, "down");
                await own.System.Parts[part].StartAsync(TestContext.Current.CancellationToken);
                await page.ExpectStageAsync(stage, "ok");
            }
            await Expect(page.Connection).ToBeHiddenAsync();
        }
        finally
        {
            await (own?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }
}

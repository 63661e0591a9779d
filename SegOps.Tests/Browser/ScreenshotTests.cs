using Microsoft.Playwright;
using SegOps.Tests.EndToEnd;
using SegOps.Tests.Fixtures;
using static Microsoft.Playwright.Assertions;

namespace SegOps.Tests.Browser;

/// <summary>Pictures of the page for people to look at, in the folder SEGOPS_SCREENSHOTS. They hold nothing, so they run only when asked for by name.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class ScreenshotTests(BrowserFixture browser) : IAsyncLifetime
{
    internal static readonly string? Folder = Environment.GetEnvironmentVariable("SEGOPS_SCREENSHOTS");

    private static readonly (string Name, ColorScheme Scheme, int Width, int Height)[] Looks =
        [("light", ColorScheme.Light, 1280, 900), ("dark", ColorScheme.Dark, 1280, 900), ("phone", ColorScheme.Light, 375, 812), ("phone-dark", ColorScheme.Dark, 375, 812)];

    /// <summary>Monitoring spends a tenth of its time on counting.</summary>
    private static readonly TimeSpan CountingOfAWeek = TimeSpan.FromMinutes(10);

    private readonly TemporaryFolder _data = new();
    private RunningSystem? _system;

    [Fact(Explicit = true)]
    public async Task Page_InEveryState_IsPictured()
    {
        Assert.SkipWhen(string.IsNullOrEmpty(Folder), "SEGOPS_SCREENSHOTS names no folder.");
        await using var page = await browser.OpenAsync(async () => _system ??= await RunningSystem.StartAsync(_data.Path));
        await Expect(page.KeyField).ToBeVisibleAsync();
        await PictureAsync(page, "signed-out");

        await page.SignInAsync();
        await Expect(page.FirstRun).ToBeVisibleAsync();
        await page.ExpectStateAsync("freshness", "ready");
        await PictureAsync(page, "empty");
        await page.Section("first-run-from-browser").CheckAsync(new() { Force = true });
        await PictureAsync(page, "empty-browser");

        await History.WriteAsync(_system!.Warehouse, page.Project.Id);
        var stored = long.Parse((await _system.Warehouse.ColumnAsync($"SELECT count() FROM events WHERE project_id = '{page.Project.Id}'"))[0], null);
        await Eventually.IsAsync(stored, () => CountedAsync(page.Project), CountingOfAWeek);
        await page.Project.FillAsync();
        await page.Page.ReloadAsync();
        await page.ExpectFilledAsync();
        await PictureAsync(page, "busy");
        await page.Section("window-7d").CheckAsync(new() { Force = true });
        await page.ExpectStateAsync("volume", "ready");
        await PictureAsync(page, "week");

        await page.LoseEventsAsync();
        await Expect(page.Section("ledger-verdict")).ToHaveAttributeAsync("data-ledger", "missing");
        await PictureAsync(page, "missing");

        await _system.System.Parts["ingestor"].StopAsync(TestContext.Current.CancellationToken);
        await page.ExpectStageAsync("ingestor_worker", "down");
        await PictureAsync(page, "ingestor-down");
        await _system.System.Parts["clickhouse"].StopAsync(TestContext.Current.CancellationToken);
        await page.ExpectStageAsync("analytics_warehouse", "down");
        await page.ExpectStateAsync("volume", "error");
        await PictureAsync(page, "failing");
        await page.Page.RouteAsync("**/api/**", static route => route.AbortAsync());
        await Expect(page.Connection).ToBeVisibleAsync();
        await PictureAsync(page, "disconnected");
    }

    [Fact(Explicit = true)]
    public async Task Receipt_InEveryState_IsPictured()
    {
        Assert.SkipWhen(string.IsNullOrEmpty(Folder), "SEGOPS_SCREENSHOTS names no folder.");
        await using var page = await browser.OpenAsync(async () => _system ??= await RunningSystem.StartAsync(_data.Path));
        var (stored, refused) = (await page.Project.SendAsync(), Guid.NewGuid());
        await page.Project.System.Api.PostAsync(page.Project.Key, Api.Single, $$"""{"event_id":"{{refused}}","userId":"u","occurred_at":17}""");
        await page.SignInAsync();
        await page.ExpectStateAsync("errors", "ready");
        await page.ExpectStateAsync("live", "ready");
        await FindAsync($"{stored}", "stored");
        await FindAsync($"{refused}", "rejected");
        await FindAsync($"{Guid.NewGuid()}", "unknown");
        await _system!.System.Parts["ingestor"].StopAsync(TestContext.Current.CancellationToken);
        await FindAsync($"{await page.Project.SendAsync()}", "in_flight");
        await page.Section("receipt-id").FillAsync("17");
        await page.Section("receipt-id").PressAsync("Enter");
        await PictureAsync(page, "receipt-no-id");

        async Task FindAsync(string id, string state)
        {
            await page.Section("receipt-id").FillAsync(id);
            await page.Section("receipt-id").PressAsync("Enter");
            await Expect(page.Section("receipt-answer")).ToHaveAttributeAsync("data-receipt-state", state);
            await PictureAsync(page, $"receipt-{state}");
        }
    }

    [Fact(Explicit = true)]
    public async Task User_LookedUp_IsPictured()
    {
        Assert.SkipWhen(string.IsNullOrEmpty(Folder), "SEGOPS_SCREENSHOTS names no folder.");
        await using var page = await browser.OpenAsync(async () => _system ??= await RunningSystem.StartAsync(_data.Path));
        await page.Project.SendAsync("context_identified", "user-1", """{"email":"ada@example.com","plan":"pro","seats":25,"is_admin":true,"tags":["beta","eu"]}""");
        await page.Project.SendAsync("context_identified", "user-1", $$"""{"bio":"{{string.Join(' ', Enumerable.Repeat("mathematics", 30))}}"}""");
        await page.Project.FillAsync();
        await page.SignInAsync();
        await page.ExpectFilledAsync();
        foreach (var id in (string[])["user-1", "nobody", ""])
        {
            await page.Section("user-id").FillAsync(id);
            await page.Section("user-id").PressAsync("Enter");
            if (id != "")
                await page.ExpectStateAsync("user", "ready");
            await PictureAsync(page, $"user-{(id == "" ? "no-id" : id)}");
        }
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await (_system?.DisposeAsync() ?? ValueTask.CompletedTask);
        _data.Dispose();
    }

    /// <summary>None while the warehouse does not answer, which it may not on a machine that is busy storing a week.</summary>
    private static async Task<long> CountedAsync(BrowserProject project)
    {
        var volume = await project.System.Api.GetAsync(project.Key, "/api/monitoring/volume?window=7d");
        return volume.Json.TryGetProperty("accepted", out var accepted) ? accepted.GetInt64() : 0;
    }

    internal static async Task PictureAsync(MonitoringPage page, string state)
    {
        foreach (var (look, scheme, width, height) in Looks)
        {
            await page.Page.EmulateMediaAsync(new() { ColorScheme = scheme });
            await page.Page.SetViewportSizeAsync(width, height);
            await page.Page.EvaluateAsync("scrollTo(0, 0)"); // or the header, which sticks to the top of what is seen, is in the middle
            await page.Page.ScreenshotAsync(new() { Path = Path.Combine(Folder!, $"{state}-{look}.png"), FullPage = true });
        }
    }
}

using System.Text.Json;
using SegOps.Tests.EndToEnd;
using SegOps.Tests.Fixtures;
using static Microsoft.Playwright.Assertions;

namespace SegOps.Tests.Browser;

/// <summary>Pictures of the page of segments, as <see cref="ScreenshotTests"/> takes them of the monitoring page.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class SegmentsScreenshotTests(BrowserFixture browser) : IAsyncLifetime
{
    private const int Users = 600;

    private static readonly string[] Plans = ["starter", "free", "pro"];

    /// <summary>Events that make two members leave, and three users enter.</summary>
    private static readonly (string User, string Type)[] Flips =
        [("user-55", "session_started"), ("user-85", "order_placed"), ("user-235", "session_started"), ("user-265", "order_placed"), ("user-445", "order_placed")];

    private const string Leaving = """
        {"all":[
            {"type":"user_property","property":"plan","operator":"in","value":["starter","free"]},
            {"type":"event","event_type":"order_placed","count":{"at_least":2},"within":"P30D","where":{"all":[{"payload":"total","operator":"greater_than","value":50}]}},
            {"not":{"type":"event","event_type":"session_started","within":"P7D"}}]}
        """;

    private readonly TemporaryFolder _data = new();
    private RunningSystem? _system;

    [Fact(Explicit = true)]
    public async Task Page_InEveryState_IsPictured()
    {
        Assert.SkipWhen(string.IsNullOrEmpty(ScreenshotTests.Folder), "SEGOPS_SCREENSHOTS names no folder.");
        await using var page = await browser.OpenAsync(async () => _system ??= await RunningSystem.StartAsync(_data.Path), path: SegmentsPage.Path);
        await Expect(page.KeyField).ToBeVisibleAsync();
        await PictureAsync("signed-out");
        await page.NewAsync();
        await PictureAsync("empty");

        await FillAsync(page.Project);
        await page.TypeRuleAsync("""{"type":"event","event_type":"order_placed","aggregate":{"sum":"total"},"operator":"at_least","value":150,"within":"P90D"}""");
        await page.SaveAsync("Big spenders");
        await page.Section("new-segment").ClickAsync();
        await Expect(page.Section("intro")).ToBeVisibleAsync();
        await page.TypeRuleAsync(Leaving);
        await Expect(page.Section("result")).ToHaveAttributeAsync("data-count", "counted");
        await page.SaveAsync("Starter customers about to leave");
        await Expect(page.Section("segment-rows").Locator("[data-count]")).ToHaveCountAsync(2);
        foreach (var (user, type) in Flips)
            await page.Project.SendAsync(type, user, """{"total":99}""");
        await Expect(page.Section("changes-rows").Locator("li")).ToHaveCountAsync(Flips.Length);
        await page.Section("count-again").ClickAsync();
        await page.ExpectCountAsync(20);
        await page.Section("members-properties").FillAsync("plan, email");
        await page.Section("members-properties").PressAsync("Enter");
        await Expect(page.Section("members-rows").Locator("tr")).ToHaveCountAsync(20);
        await page.Section("samples").Locator(".chip").First.ClickAsync();
        await Expect(page.Section("check-answer")).ToHaveAttributeAsync("data-match", "true");
        await PictureAsync("segment");

        await page.Condition(0).Field("path").FillAsync("plan..name");
        await Expect(page.Section("result")).ToHaveAttributeAsync("data-count", "faulty");
        await PictureAsync("fault");
        await page.Section("delete").ClickAsync();
        await PictureAsync("question");
        await page.Answer("keep").ClickAsync();
        await page.ViewAsync("json");
        await PictureAsync("json");
        await page.Page.RouteAsync("**/api/**", static route => route.AbortAsync());
        await Expect(page.Connection).ToBeVisibleAsync();
        await PictureAsync("disconnected");

        Task PictureAsync(string state) => ScreenshotTests.PictureAsync(page, "segments-" + state);
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await (_system?.DisposeAsync() ?? ValueTask.CompletedTask);
        _data.Dispose();
    }

    /// <summary>Sends a plan, orders and sessions of many users, and waits until all are stored.</summary>
    private static async Task FillAsync(BrowserProject project)
    {
        var events = Enumerable.Range(1, Users).SelectMany(static number => (IEnumerable<object?>)
        [
            new { event_type = "context_identified", user_id = $"user-{number}", payload = new { plan = Plans[number % 3], email = $"user-{number}@example.com" } },
            .. Enumerable.Range(0, number % 4).Select(order => new { event_type = "order_placed", user_id = $"user-{number}", payload = new { total = (20 * order) + (number % 90) } }),
            .. number % 5 == 0 ? (object?[])[] : [new { event_type = "session_started", user_id = $"user-{number}", payload = new { } }],
        ]);
        foreach (var batch in events.Chunk(500))
        {
            var answer = await project.System.Api.TrackBatchAsync(project.Key, JsonSerializer.Serialize(new { events = batch }));
            await Eventually.IsAsync(batch.Length, () => project.System.Warehouse.CountAsync(answer.RequestId));
        }
    }
}

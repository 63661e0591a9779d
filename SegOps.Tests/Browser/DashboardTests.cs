using System.Net;
using System.Net.Http.Json;
using Microsoft.Playwright;
using SegOps.AppHost.Resources.Redis;
using SegOps.Tests.EndToEnd;
using SegOps.Tests.Fixtures;
using static Microsoft.Playwright.Assertions;

namespace SegOps.Tests.Browser;

/// <summary>The Aspire dashboard, as somebody sees it who has just started the app host and opens the link that it prints.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class DashboardTests(BrowserFixture browser, DashboardFixture appHost) : IClassFixture<DashboardFixture>
{
    private static readonly string? Folder = Environment.GetEnvironmentVariable("SEGOPS_SCREENSHOTS");

    [Fact]
    public async Task Resources_OpenedByTheLink_ShowsEveryOneRunningAndHealthy()
    {
        var page = await SignInAsync();

        foreach (var resource in (string[])["redis", "clickhouse", "pubsub", "gateway", "ingestion", "ingestor", "monitoring"])
        {
            var state = page.GetByRole(AriaRole.Row).Filter(new() { Has = page.GetByText(resource, new() { Exact = true }) }).GetByText("Running");
            await Expect(state).ToHaveTextAsync("Running"); // a part that does not answer is "Running (Unhealthy)"
        }
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Traces_EventSentByHand_IsOneTraceFromTheGatewayToTheInsert()
    {
        var page = await SignInAsync();

        await OpenTraceAsync(page);

        foreach (var span in (string[])["POST /api/ingestion/{**rest}", "POST /api/ingestion/track/", "insert segops.events"])
            await Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = span })).ToHaveCountAsync(1);
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task SendATestEvent_Clicked_StoresIt()
    {
        var page = await SignInAsync();

        await Gateway(page).GetByTitle("POST /api/ingestion/track/ with the demo key of the free plan").ClickAsync();

        await appHost.StoresAsync("test_event");
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task StartFresh_Confirmed_DeletesWhatIsStoredAndTakesEventsAgain()
    {
        var page = await SignInAsync();
        await appHost.SendAsync();
        await appHost.StoresAsync("order_placed");

        await Gateway(page).GetByTitle("Actions").ClickAsync();
        await page.GetByText("Start fresh").ClickAsync();
        await page.GetByText("Yes", new() { Exact = true }).ClickAsync();
        await Expect(page.GetByText("\"Start fresh\" succeeded")).ToBeVisibleAsync(new() { Timeout = 180_000 });

        await appHost.StoresNothingAsync();
        await appHost.SendAsync();
        await appHost.StoresAsync("order_placed");
        await page.Context.CloseAsync();
    }

    [Fact(Explicit = true)]
    public async Task Trace_EventSentByHand_IsPictured()
    {
        Assert.SkipWhen(string.IsNullOrEmpty(Folder), "SEGOPS_SCREENSHOTS names no folder.");
        var page = await SignInAsync();
        await OpenTraceAsync(page); // the first event of a process compiles its code, which is not what its traces look like later
        await OpenTraceAsync(page);
        await Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = "insert segops.events" })).ToHaveCountAsync(1);

        await page.ScreenshotAsync(new() { Path = Path.Combine(Folder!, "dashboard-trace.png"), Clip = new() { Width = 1280, Height = 360 } });
        await page.Context.CloseAsync();
    }

    private async Task<IPage> SignInAsync()
    {
        var page = await browser.NewPageAsync();
        await page.GotoAsync(await appHost.DashboardLinkAsync());
        await Expect(page.GetByRole(AriaRole.Row).First).ToBeVisibleAsync();
        return page;
    }

    private static ILocator Gateway(IPage page) => page.GetByRole(AriaRole.Row).Filter(new() { Has = page.GetByText("gateway", new() { Exact = true }) });

    /// <summary>Sends an event and opens its trace from the list, once that has the insert.</summary>
    private async Task OpenTraceAsync(IPage page)
    {
        var trace = await appHost.SendAsync();
        await page.GotoAsync(new Uri(new Uri(page.Url), "/traces").ToString());
        var row = page.GetByRole(AriaRole.Row).Filter(new() { HasText = trace[..7] });
        await Expect(row).ToContainTextAsync("clickhouse");
        await row.GetByText("POST /api/ingestion").ClickAsync();
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex(trace));
    }
}

/// <summary>An app host with its dashboard, started when first asked for.</summary>
public sealed class DashboardFixture : IAsyncDisposable
{
    private readonly TemporaryFolder _data = new();
    private readonly LazyStart<AppHostProcess> _appHost;
    private readonly HttpClient _http = new();

    public DashboardFixture() => _appHost = new(async () =>
    {
        var process = AppHostProcess.Start(["--port", "0", "--data", _data.Path]);
        _http.BaseAddress = await process.BannerAsync();
        _http.DefaultRequestHeaders.Add("Authorization", "ApiKey " + DemoKeys.Free.Key);
        return process;
    });

    internal async Task<string> DashboardLinkAsync() => (await _appHost.GetAsync()).Banner("Dashboard");

    /// <summary>Sends an event, again until it is accepted: a gateway that has just started does not reach Ingestion yet.</summary>
    /// <returns>The id of its trace.</returns>
    internal async Task<string> SendAsync()
    {
        await _appHost.GetAsync();
        var trace = "";
        await Eventually.IsAsync(
            HttpStatusCode.Accepted,
            async () =>
            {
                using var answer = await _http.PostAsJsonAsync(
                    new Uri("/api/ingestion/track/", UriKind.Relative), new { user_id = "user-123", event_type = "order_placed" }, TestContext.Current.CancellationToken);
                trace = answer.Headers.GetValues("X-Trace-Id").Single();
                return answer.StatusCode;
            });
        return trace;
    }

    /// <summary>Waits until an event of this type is stored.</summary>
    internal Task StoresAsync(string eventType) => Eventually.IsAsync<bool?>(true, async () => (await EventsAsync())?.Contains($"\"{eventType}\"", StringComparison.Ordinal));

    /// <summary>Waits until no event is stored.</summary>
    internal Task StoresNothingAsync() => Eventually.IsAsync<bool?>(true, async () => (await EventsAsync())?.Contains("\"events\":[]", StringComparison.Ordinal));

    /// <summary>The latest events; null while Monitoring does not answer.</summary>
    private async Task<string?> EventsAsync()
    {
        using var answer = await _http.GetAsync(new Uri("/api/monitoring/events", UriKind.Relative), TestContext.Current.CancellationToken);
        return answer.IsSuccessStatusCode ? await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken) : null;
    }

    public async ValueTask DisposeAsync()
    {
        await _appHost.DisposeAsync();
        _http.Dispose();
        _data.Dispose();
    }
}

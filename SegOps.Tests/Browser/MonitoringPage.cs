using System.Collections.Concurrent;
using System.Text.Json;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace SegOps.Tests.Browser;

/// <summary>The monitoring page or that of segments in a browser, with the words that tests use for it, and all that it did and should perhaps not have.</summary>
internal sealed class MonitoringPage : IAsyncDisposable
{
    /// <summary>What <see cref="HarmAsync"/> looks for: what injected code would set, and what the browser refused to run.</summary>
    private const string Watch = "window.refused = []; addEventListener('securitypolicyviolation', e => window.refused.push(`${e.violatedDirective} ${e.blockedURI}`));";

    /// <summary>
    /// Refreshes sections every 2 s instead of every 10 s, so that tests wait less. Shorter timers stay, and so does the 25 s of silence after
    /// which the live stream connects again: the server sends something every 10 s.
    /// </summary>
    private const string FastRefresh = """
        const set = window.setTimeout;
        window.setTimeout = (run, delay, ...rest) => set(run, delay >= 10_000 && delay !== 25_000 ? delay / 5 : delay, ...rest);
        """;

    /// <summary>What the API answers when three events have been missing for a while.</summary>
    private const string ThreeAreMissing = """
        {
            "window": "1h", "from": "2026-01-02T02:15:00Z", "to": "2026-01-02T03:15:00Z", "settled_before": "2026-01-02T03:09:00Z", "patience_seconds": 300,
            "state": "missing", "alarm": { "missing": 3, "since": "2026-01-02T02:51:00Z" },
            "totals": { "received": 1204, "stored": 1200, "duplicates": 0, "rejected": 0, "dead_lettered": 1, "in_flight": 0, "missing": 3, "uncounted": 0 },
            "minutes": [{ "at": "2026-01-02T02:51:00Z", "received": 1204, "stored": 1200, "duplicates": 0, "rejected": 0, "dead_lettered": 1, "in_flight": 0, "missing": 3, "uncounted": 0 }]
        }
        """;

    private readonly IBrowserContext _context;

    private MonitoringPage(IBrowserContext context, IPage page, BrowserProject project)
    {
        _context = context;
        Page = page;
        Project = project;
        page.PageError += (_, error) => Errors.Enqueue(error);
        page.Dialog += (_, dialog) =>
        {
            Errors.Enqueue($"A dialog says: {dialog.Message}");
            _ = dialog.DismissAsync();
        };
        page.Request += (_, request) => Requests.Enqueue(request.Url);
    }

    public IPage Page { get; }

    /// <summary>What it shows once somebody signed in.</summary>
    public BrowserProject Project { get; }

    /// <summary>Every URL that it asked for.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    /// <summary>Exceptions that nobody caught, and dialogs.</summary>
    public ConcurrentQueue<string> Errors { get; } = [];

    public ILocator KeyField => Page.Locator("#api-key");

    public ILocator Dashboard => Page.Locator("#dashboard");

    public ILocator FirstRun => Page.Locator("#first-run");

    /// <summary>What to paste to send the first event.</summary>
    public ILocator Snippet => Page.Locator("#first-run-snippet");

    public ILocator Connection => Page.Locator("#connection");

    public ILocator LivePause => Page.Locator("#live-pause");

    public ILocator LiveRows => Page.Locator("#live [data-event-id]");

    public ILocator Section(string id) => Page.Locator("#" + id);

    public ILocator Stage(string stage) => Page.Locator($"[data-stage='{stage}']");

    public ILocator Live(Guid eventId) => Page.Locator($"#live [data-event-id='{eventId}']");

    public static async Task<MonitoringPage> OpenAsync(IBrowserContext context, BrowserProject project, string path)
    {
        await context.AddInitScriptAsync(Watch);
        await context.AddInitScriptAsync(FastRefresh);
        var opened = new MonitoringPage(context, await context.NewPageAsync(), project);
        var answer = await opened.Page.GotoAsync(path);
        Assert.True(answer is { Ok: true }, $"The page is answered {answer?.Status}.");
        return opened;
    }

    /// <summary>Signs in with the project's key.</summary>
    public async Task SignInAsync()
    {
        await KeyField.FillAsync(Project.Key);
        await KeyField.PressAsync("Enter");
        await Expect(Dashboard).ToBeVisibleAsync();
    }

    /// <summary>Waits until a section has this data-state: loading, ready, empty or error.</summary>
    public Task ExpectStateAsync(string section, string state) => Expect(Section(section)).ToHaveAttributeAsync("data-state", state);

    /// <summary>Waits until a stage has this state: ok, degraded or down.</summary>
    public Task ExpectStageAsync(string stage, string state) => Expect(Stage(stage)).ToHaveAttributeAsync("data-stage-state", state);

    /// <summary>Waits until the figure that an element shows has this exact value.</summary>
    public Task ExpectFigureAsync(string id, long value) => Expect(Section(id)).ToHaveAttributeAsync("data-value", $"{value}");

    /// <summary>Waits until the live stream is open, so that what is sent from now on comes by it.</summary>
    public Task ExpectLiveAsync() => Expect(Section("live")).ToHaveAttributeAsync("data-live", "open");

    /// <summary>Waits until every section shows what <see cref="BrowserProject.FillAsync"/> has sent.</summary>
    public async Task ExpectFilledAsync()
    {
        foreach (var section in (string[])["health", "freshness", "ledger", "volume", "event-types", "users", "errors", "warnings", "usage", "live"])
            await ExpectStateAsync(section, "ready");
    }

    /// <summary>What axe-core finds serious or critical in the page as it is now.</summary>
    public async Task<IReadOnlyList<string>> GraveViolationsAsync()
    {
        var result = await Page.RunAxe();
        Assert.NotEmpty(result.Passes);
        return
        [
            .. result.Violations.Where(violation => violation.Impact is "serious" or "critical")
                .Select(violation => $"{violation.Id} ({violation.Impact}): {string.Join(", ", violation.Nodes.Select(node => node.Html))}"),
        ];
    }

    /// <summary>Lets the ledger miss three events from its next answer on: nothing loses any for a test.</summary>
    public Task LoseEventsAsync() => Page.RouteAsync(
        "**/api/monitoring/ledger*", static route => route.FulfillAsync(new() { ContentType = "application/json", Body = ThreeAreMissing }));

    /// <summary>Unfolds all that can be unfolded.</summary>
    public Task OpenEverythingAsync() => Page.EvaluateAsync("() => { for (const details of document.querySelectorAll('details')) details.open = true }");

    /// <summary>Whether <paramref name="url"/> is the page itself.</summary>
    public static bool IsDocument(string url) => new Uri(url).AbsolutePath == "/";

    /// <summary>Whether <paramref name="url"/> leads to the gateway, or nowhere.</summary>
    public bool IsOwn(string url) => url.StartsWith(Project.System.System.GatewayUrl.ToString(), StringComparison.Ordinal) || url.StartsWith("data:", StringComparison.Ordinal);

    /// <summary>What ran, or tried to run, and was not the page's own.</summary>
    public async Task<IReadOnlyList<string>> HarmAsync()
    {
        var refused = await Page.EvaluateAsync<JsonElement>("() => [...window.refused, ...(window.injected ? [`injected code ran: ${window.injected}`] : [])]");
        return [.. refused.EnumerateArray().Select(item => item.GetString()!), .. Errors];
    }

    public async ValueTask DisposeAsync() => await _context.CloseAsync();
}

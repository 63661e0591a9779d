using Microsoft.Playwright;
using SegOps.AppHost;
using SegOps.Tests.EndToEnd;
using SegOps.Tests.Fixtures;

[assembly: AssemblyFixture(typeof(SegOps.Tests.Browser.BrowserFixture))]

namespace SegOps.Tests.Browser;

/// <summary>
/// One Chromium for all browser tests, started when first asked for: SEGOPS_TEST_CHROMIUM, or the first on PATH. Without one, tests are
/// skipped, unless SEGOPS_REQUIRE_BROWSER is 1.
/// </summary>
public sealed class BrowserFixture : IAsyncDisposable
{
    /// <summary>For all that no promise about time is made of; the slowest is a service's restart on a busy machine.</summary>
    private const float Patience = 90_000;

    // The headless shell comes first: it starts no window, and each page costs a fraction of the processor time.
    private static readonly string[] Names = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

    private readonly LazyStart<RunningBrowser> _browser = new(RunningBrowser.StartAsync);

    /// <summary>Opens a page in a context of its own, which shares nothing with others, and makes a project for it.</summary>
    /// <param name="system">Gives the system; not asked where there is no browser.</param>
    /// <param name="change">Changes how the browser presents itself.</param>
    /// <param name="path">The page: that of monitoring, or <c>/segments</c>.</param>
    internal async Task<MonitoringPage> OpenAsync(Func<Task<RunningSystem>> system, Action<BrowserNewContextOptions>? change = null, string path = "/")
    {
        var browser = (await _browser.GetAsync()).Browser;
        var project = await BrowserProject.CreateAsync(await system());
        var options = new BrowserNewContextOptions
        {
            BaseURL = project.System.System.GatewayUrl.ToString(),
            ColorScheme = ColorScheme.Light,
            ReducedMotion = ReducedMotion.Reduce,
            ViewportSize = new() { Width = 1280, Height = 900 },
        };
        change?.Invoke(options);
        var context = await browser.NewContextAsync(options);
        context.SetDefaultTimeout(Patience);
        return await MonitoringPage.OpenAsync(context, project, path);
    }

    /// <summary>Opens an empty page in a context of its own.</summary>
    internal async Task<IPage> NewPageAsync()
    {
        var context = await (await _browser.GetAsync()).Browser.NewContextAsync(new() { ViewportSize = new() { Width = 1280, Height = 640 } });
        context.SetDefaultTimeout(Patience);
        return await context.NewPageAsync();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _browser.DisposeAsync();

    private sealed record RunningBrowser(IPlaywright Playwright, IBrowser Browser) : IAsyncDisposable
    {
        public static async Task<RunningBrowser> StartAsync()
        {
            var chromium = Find();
            var playwright = await Microsoft.Playwright.Playwright.CreateAsync();
            Assertions.SetDefaultExpectTimeout(Patience);
            return new(playwright, await playwright.Chromium.LaunchAsync(new()
            {
                ExecutablePath = chromium,
                ChromiumSandbox = false, // Containers and root have none; only our own page is opened.
                Args = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
            }));
        }

        public async ValueTask DisposeAsync()
        {
            await Browser.CloseAsync();
            Playwright.Dispose();
        }

        private static string Find()
        {
            var found = Environment.GetEnvironmentVariable("SEGOPS_TEST_CHROMIUM") is { Length: > 0 } named
                ? named
                : Names.Select(Executables.FindOnPath).FirstOrDefault(path => path is not null);
            if (found is null && Environment.GetEnvironmentVariable("SEGOPS_REQUIRE_BROWSER") == "1")
                Assert.Fail("SEGOPS_REQUIRE_BROWSER is set, and no Chromium is on PATH.");
            Assert.SkipWhen(found is null, "No Chromium is installed: sudo apt-get install chromium-headless-shell, or name one in SEGOPS_TEST_CHROMIUM.");
            return found!;
        }
    }
}

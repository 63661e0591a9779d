using System.Text.Json;
using Microsoft.Playwright;
using SegOps.Tests.EndToEnd;
using static Microsoft.Playwright.Assertions;

namespace SegOps.Tests.Browser;

/// <summary>The section that looks up a user. Tests whose answers are made up share one page, because opening one costs more than a test.</summary>
[Trait("Stage", "long")]
public sealed class UserTests(BrowserFixture browser, SystemFixture system, UserTests.OpenPage open) : IClassFixture<UserTests.OpenPage>
{
    private const string Markup = "<img src=x onerror=\"window.injected='user'\">";
    private const string Asked = "**/api/monitoring/user?*";
    private const string RightToLeft = "مستخدم-١\u202Egnp.exe";

    [Fact(Explicit = true)]
    public async Task LookUp_IdentifiedUser_ShowsTraitsTimesAndEvents()
    {
        await using var page = await OpenAsync();
        await page.Project.SendAsync("context_identified", "user-7", """{"email":"a@b.example","seats":5}""");
        var order = await page.Project.SendAsync("order_placed", "user-7");
        await Expect(page.Live(order)).ToBeVisibleAsync();

        await LookUpAsync(page, "user-7");

        await Expect(Trait(page, "email")).ToContainTextAsync("\"a@b.example\"");
        await Expect(Trait(page, "seats")).ToContainTextAsync("5");
        await Expect(Events(page)).ToHaveCountAsync(2);
        await Expect(Answer(page).Locator("dd time")).ToHaveCountAsync(2);
    }

    [Fact(Explicit = true)]
    public async Task LookUp_UserWithoutEvents_SaysThatNoneIsStored()
    {
        var page = await open.GetAsync();
        await StubAsync(page, 404, """{"title":"The user is not known.","status":404,"code":"user_not_found"}""");

        await LookUpAsync(page, "nobody ");

        await page.ExpectStateAsync("user", "ready");
        await Expect(page.Section("user-line")).ToContainTextAsync("No event of nobody");
        await Expect(page.Section("user-line")).ToContainTextAsync("ends with a space");
        await Expect(Answer(page)).ToBeEmptyAsync();
        Assert.Empty(await page.GraveViolationsAsync());
    }

    [Theory(Explicit = true)]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 1280)]
    [InlineData(ColorScheme.Light, 375)]
    [InlineData(ColorScheme.Dark, 375)]
    public async Task Answer_OfAnySize_IsAccessibleAndNeedsNoScrollingSideways(ColorScheme scheme, int width)
    {
        var page = await open.GetAsync(scheme, width);
        var id = $"user-{scheme}-{width}";
        await StubAsync(page, 200, UserWith(id, ("email", "a@b.example"), ("plan", null), ("note", new string('x', 2000)), (new string('n', 200), Enumerable.Range(0, 50))));

        await LookUpAsync(page, id);
        await Expect(page.Section("user-line").Locator("bdi")).ToHaveTextAsync(id);
        await Trait(page, "note").Locator("summary").ClickAsync();
        await Events(page).First.Locator("summary").ClickAsync();

        Assert.Equal(0, await page.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth"));
        Assert.Empty(await page.GraveViolationsAsync());
    }

    [Theory(Explicit = true)]
    [InlineData(Markup)]
    [InlineData(RightToLeft)]
    public async Task Answer_HostileTexts_AreIsolatedAndRunNothing(string text)
    {
        var page = await open.GetAsync();
        await StubAsync(page, 200, UserWith(text, (text, text), ("list", new[] { text })));

        await LookUpAsync(page, text);
        await Expect(page.Section("user-line").Locator("bdi")).ToHaveTextAsync(text);
        await Events(page).First.Locator("summary").ClickAsync();

        await Expect(Answer(page).Locator("tbody tr").First.Locator("bdi").First).ToHaveTextAsync(text);
        Assert.Empty(await page.HarmAsync());
    }

    [Theory(Explicit = true)]
    [InlineData("", 1)]
    [InlineData(" ", 2)]
    [InlineData("u", 257)]
    public async Task LookUp_NoUserId_IsExplainedWithoutARequest(string text, int times)
    {
        var page = await open.GetAsync();
        var before = $"user-{times}";
        await StubAsync(page, 200, UserWith(before));
        await LookUpAsync(page, before);
        await Expect(page.Section("user-line").Locator("bdi")).ToHaveTextAsync(before);
        page.Requests.Clear();

        await LookUpAsync(page, string.Concat(Enumerable.Repeat(text, times)));

        await Expect(page.Section("user-fault")).Not.ToBeEmptyAsync();
        await Expect(page.Section("user-id")).ToHaveAttributeAsync("aria-invalid", "true");
        Assert.DoesNotContain(page.Requests, IsOfUser);
        Assert.Empty(await page.GraveViolationsAsync());
    }

    [Theory(Explicit = true)]
    [InlineData("a+b&c=d#e%20f/g", 1)]
    [InlineData("../../health", 1)]
    [InlineData(RightToLeft, 1)]
    [InlineData("😀", 256)]
    public async Task LookUp_AnyUserId_IsAskedForAsItIs(string text, int times)
    {
        var page = await open.GetAsync();
        var id = string.Concat(Enumerable.Repeat(text, times));
        await StubAsync(page, 200, UserWith(id));

        await LookUpAsync(page, id);

        await Expect(page.Section("user-line").Locator("bdi")).ToHaveTextAsync(id);
        Assert.Contains(page.Requests, url => IsOfUser(url) && url.Contains($"user_id={Uri.EscapeDataString(id)}&", StringComparison.Ordinal));
    }

    [Fact(Explicit = true)]
    public async Task LookUp_WhileTheWarehouseIsUnavailable_ShowsTheProblem()
    {
        await using var page = await OpenAsync(); // it asks again until it is closed
        await StubAsync(page, 503, """{"title":"The analytics warehouse did not answer.","detail":"The warehouse cannot be reached.","code":"warehouse_unavailable","status":503}""");

        await LookUpAsync(page, "user-1");

        await page.ExpectStateAsync("user", "error");
        await Expect(page.Section("user")).ToContainTextAsync("The warehouse cannot be reached.");
    }

    [Fact(Explicit = true)]
    public async Task LiveEvent_ItsUser_IsLookedUp()
    {
        await using var page = await OpenAsync();
        await StubAsync(page, 200, UserWith("line\nbreak"));
        var id = await page.Project.SendAsync(user: "line\\nbreak");
        await Expect(page.Live(id)).ToBeVisibleAsync();

        await page.Live(id).Locator("summary").ClickAsync();
        await page.Live(id).GetByTitle("Look up").ClickAsync();

        await page.ExpectStateAsync("user", "ready");
        await Expect(page.Section("user-id")).ToBeFocusedAsync();
        Assert.Contains(page.Requests, url => IsOfUser(url) && url.Contains("user_id=line%0Abreak&", StringComparison.Ordinal));
    }

    [Fact(Explicit = true)]
    public async Task Trait_ItsEvent_LeadsToWhereItIs()
    {
        await using var page = await OpenAsync();
        var id = await page.Project.SendAsync();
        await StubAsync(page, 200, UserWith("user-1", ("email", "a@b.example")).Replace($"{Guid.Empty}", $"{id}", StringComparison.Ordinal));
        await LookUpAsync(page, "user-1");

        await Trait(page, "email").GetByRole(AriaRole.Button, new() { Name = $"{id}" }).ClickAsync();

        await Expect(page.Section("receipt-id")).ToHaveValueAsync($"{id}");
    }

    private Task<MonitoringPage> OpenAsync() => OpenAsync(browser, system);

    /// <summary>Signed in, to a project that has sent an event already and so sees all sections.</summary>
    private static async Task<MonitoringPage> OpenAsync(BrowserFixture browser, SystemFixture system)
    {
        var page = await browser.OpenAsync(system.GetAsync);
        await page.Project.SendAsync();
        await page.SignInAsync();
        await Expect(page.Dashboard).ToHaveAttributeAsync("data-mode", "figures");
        return page;
    }

    private static async Task LookUpAsync(MonitoringPage page, string id)
    {
        await page.Section("user-id").FillAsync(id);
        await page.Section("user-id").PressAsync("Enter");
    }

    private static async Task StubAsync(MonitoringPage page, int status, string body) => await page.Page.RouteAsync(
        Asked, route => route.FulfillAsync(new() { Status = status, ContentType = status == 200 ? "application/json" : "application/problem+json", Body = body }));

    /// <summary>What the API answers about a user with these traits and one event, whose id is empty.</summary>
    private static string UserWith(string id, params (string Name, object? Value)[] traits) => JsonSerializer.Serialize(new
    {
        user_id = id,
        first_seen = "2026-01-02T03:04:05Z",
        last_seen = "2026-02-03T04:05:06Z",
        traits = traits.Select(trait => new { name = trait.Name, value = trait.Value, set_at = "2026-01-02T03:04:05Z", received_at = "2026-01-02T03:04:06Z", event_id = Guid.Empty }),
        events = new[]
        {
            new
            {
                event_id = Guid.Empty, event_type = "order_placed", user_id = id, occurred_at = "2026-02-03T04:05:06Z", received_at = "2026-02-03T04:05:06Z",
                request_id = Guid.Empty, payload = new { total = 89.95 },
            },
        },
    });

    private static bool IsOfUser(string url) => url.Contains("/api/monitoring/user?", StringComparison.Ordinal);

    private static ILocator Answer(MonitoringPage page) => page.Section("user-answer");

    private static ILocator Events(MonitoringPage page) => Answer(page).Locator("[data-event-id]");

    private static ILocator Trait(MonitoringPage page, string name) => Answer(page).Locator($"[data-trait='{name}']");

    /// <summary>A page that is signed in, opened when first asked for.</summary>
    public sealed class OpenPage(BrowserFixture browser, SystemFixture system) : IAsyncDisposable
    {
        private MonitoringPage? _page;

        /// <summary>The page as if nothing had been looked up: without stubs and remembered requests.</summary>
        internal async Task<MonitoringPage> GetAsync(ColorScheme scheme = ColorScheme.Light, int width = 1280)
        {
            _page ??= await OpenAsync(browser, system);
            await _page.Page.UnrouteAsync(Asked);
            await _page.Page.EmulateMediaAsync(new() { ColorScheme = scheme, ReducedMotion = ReducedMotion.Reduce });
            await _page.Page.SetViewportSizeAsync(width, 900);
            _page.Requests.Clear();
            return _page;
        }

        public async ValueTask DisposeAsync()
        {
            if (_page is not null)
                await _page.DisposeAsync();
        }
    }
}

using System.Text.Json;
using Microsoft.Playwright;
using SegOps.Tests.EndToEnd;
using static Microsoft.Playwright.Assertions;

namespace SegOps.Tests.Browser;

/// <summary>The section that looks up a user.</summary>
public sealed class UserTests(BrowserFixture browser, SystemFixture system)
{
    private const string Markup = "<img src=x onerror=\"window.injected='user'\">";
    private const string RightToLeft = "مستخدم-١\u202Egnp.exe";

    [Fact]
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

    [Fact]
    public async Task LookUp_UserWithoutEvents_SaysThatNoneIsStored()
    {
        await using var page = await OpenAsync();
        await StubAsync(page, 404, """{"title":"The user is not known.","status":404,"code":"user_not_found"}""");

        await LookUpAsync(page, "nobody ");

        await page.ExpectStateAsync("user", "ready");
        await Expect(page.Section("user-line")).ToContainTextAsync("No event of nobody");
        await Expect(page.Section("user-line")).ToContainTextAsync("ends with a space");
        await Expect(Answer(page)).ToBeEmptyAsync();
        Assert.Empty(await page.GraveViolationsAsync());
    }

    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 1280)]
    [InlineData(ColorScheme.Light, 375)]
    [InlineData(ColorScheme.Dark, 375)]
    public async Task Answer_OfAnySize_IsAccessibleAndNeedsNoScrollingSideways(ColorScheme scheme, int width)
    {
        await using var page = await OpenAsync(scheme, width);
        await StubAsync(page, 200, UserWith("user-1", ("email", "a@b.example"), ("plan", null), ("note", new string('x', 2000)), (new string('n', 200), Enumerable.Range(0, 50))));

        await LookUpAsync(page, "user-1");
        await Trait(page, "note").Locator("summary").ClickAsync();
        await Events(page).First.Locator("summary").ClickAsync();

        Assert.Equal(0, await page.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth"));
        Assert.Empty(await page.GraveViolationsAsync());
    }

    [Theory]
    [InlineData(Markup)]
    [InlineData(RightToLeft)]
    public async Task Answer_HostileTexts_AreIsolatedAndRunNothing(string text)
    {
        await using var page = await OpenAsync();
        await StubAsync(page, 200, UserWith(text, (text, text), ("list", new[] { text })));

        await LookUpAsync(page, text);
        await Events(page).First.Locator("summary").ClickAsync();

        await Expect(page.Section("user-line").Locator("bdi")).ToHaveTextAsync(text);
        await Expect(Answer(page).Locator("tbody tr").First.Locator("bdi").First).ToHaveTextAsync(text);
        Assert.Empty(await page.HarmAsync());
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData(" ", 2)]
    [InlineData("u", 257)]
    public async Task LookUp_NoUserId_IsExplainedWithoutARequest(string text, int times)
    {
        await using var page = await OpenAsync();

        await LookUpAsync(page, string.Concat(Enumerable.Repeat(text, times)));

        await Expect(page.Section("user-fault")).Not.ToBeEmptyAsync();
        await Expect(page.Section("user-id")).ToHaveAttributeAsync("aria-invalid", "true");
        Assert.DoesNotContain(page.Requests, IsOfUser);
        Assert.Empty(await page.GraveViolationsAsync());
    }

    [Theory]
    [InlineData("a+b&c=d#e%20f/g", 1)]
    [InlineData("../../health", 1)]
    [InlineData(RightToLeft, 1)]
    [InlineData("😀", 256)]
    public async Task LookUp_AnyUserId_IsAskedForAsItIs(string text, int times)
    {
        await using var page = await OpenAsync();
        var id = string.Concat(Enumerable.Repeat(text, times));
        await StubAsync(page, 200, UserWith(id));

        await LookUpAsync(page, id);

        await Expect(page.Section("user-line").Locator("bdi")).ToHaveTextAsync(id);
        Assert.Contains(page.Requests, url => IsOfUser(url) && url.Contains($"user_id={Uri.EscapeDataString(id)}&", StringComparison.Ordinal));
    }

    [Fact]
    public async Task LookUp_WhileTheWarehouseIsUnavailable_ShowsTheProblem()
    {
        await using var page = await OpenAsync();
        await StubAsync(page, 503, """{"title":"The analytics warehouse did not answer.","detail":"The warehouse cannot be reached.","code":"warehouse_unavailable","status":503}""");

        await LookUpAsync(page, "user-1");

        await page.ExpectStateAsync("user", "error");
        await Expect(page.Section("user")).ToContainTextAsync("The warehouse cannot be reached.");
    }

    [Fact]
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

    [Fact]
    public async Task Trait_ItsEvent_LeadsToWhereItIs()
    {
        await using var page = await OpenAsync();
        var id = await page.Project.SendAsync();
        await StubAsync(page, 200, UserWith("user-1", ("email", "a@b.example")).Replace($"{Guid.Empty}", $"{id}", StringComparison.Ordinal));
        await LookUpAsync(page, "user-1");

        await Trait(page, "email").GetByRole(AriaRole.Button, new() { Name = $"{id}" }).ClickAsync();

        await Expect(page.Section("receipt-id")).ToHaveValueAsync($"{id}");
    }

    /// <summary>Signed in, to a project that has sent an event already and so sees all sections.</summary>
    private async Task<MonitoringPage> OpenAsync(ColorScheme scheme = ColorScheme.Light, int width = 1280)
    {
        var page = await browser.OpenAsync(system.GetAsync, options =>
        {
            options.ColorScheme = scheme;
            options.ViewportSize = new() { Width = width, Height = 900 };
        });
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
        "**/api/monitoring/user?*", route => route.FulfillAsync(new() { Status = status, ContentType = status == 200 ? "application/json" : "application/problem+json", Body = body }));

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
}

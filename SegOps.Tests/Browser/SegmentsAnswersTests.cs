using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Playwright;
using SegOps.Tests.EndToEnd;
using SegOps.Tests.Fixtures;
using static Microsoft.Playwright.Assertions;

namespace SegOps.Tests.Browser;

/// <summary>What the page of segments does with answers that are slow, fail or carry anything.</summary>
[Trait("Stage", "long")]
public sealed class SegmentsAnswersTests(BrowserFixture browser, SystemFixture system)
{
    private const string Preview = "**/api/segments/preview*";
    private const string Markup = "<img src=x onerror=\"window.injected='segment'\">";
    private const string Orders = """{"type":"event","event_type":"order_placed"}""";

    [Fact(Explicit = true)]
    public async Task Count_RuleChangesFast_HasOneCallInFlightAndShowsTheLastRule()
    {
        await using var page = await OpenAsync();
        await page.NewAsync();
        var condition = await page.AddAsync("event");
        ConcurrentDictionary<IRequest, bool> open = [];
        var most = 0;
        page.Page.Request += (_, request) =>
        {
            if (request.Url.Contains("/preview", StringComparison.Ordinal) && open.TryAdd(request, true))
                most = Math.Max(most, open.Count);
        };
        page.Page.RequestFailed += (_, request) => open.TryRemove(request, out var _);
        page.Page.RequestFinished += (_, request) => open.TryRemove(request, out var _);

        foreach (var letter in "order_placed_and_more")
            await condition.Field("eventType").PressAsync($"{letter}");
        await page.ExpectCountAsync(0);

        Assert.Equal(1, most);
        Assert.InRange(page.Previews(), 1, 20);
        Assert.Equal("order_placed_and_more", (await page.RuleAsync()).GetProperty("all")[0].GetProperty("event_type").GetString());
    }

    [Fact(Explicit = true)]
    public async Task Count_GatewayStopsAnsweringAndAnswersAgain_IsCountedWithoutAClick()
    {
        await using var page = await OpenAsync();
        await page.NewAsync();
        await page.Page.RouteAsync("**/api/**", static route => route.AbortAsync("connectionrefused"));
        await page.TypeRuleAsync(Orders);
        await Expect(page.Connection).ToBeVisibleAsync();
        await Expect(page.Section("result")).ToHaveAttributeAsync("data-count", "failed");

        await page.Page.UnrouteAsync("**/api/**");

        await page.ExpectCountAsync(0);
        await Expect(page.Connection).ToBeHiddenAsync();
    }

    [Fact(Explicit = true)]
    public async Task Count_TooManyPreviews_IsAskedAgainByItself()
    {
        await using var page = await OpenAsync();
        await page.NewAsync();
        await page.Page.RouteAsync(Preview, static route => route.FulfillAsync(new()
        {
            Status = 429, Headers = [new("Retry-After", "1")], ContentType = "application/problem+json", Body = """{"code":"too_many_previews","detail":"Two previews are computed already."}""",
        }), new() { Times = 1 });

        await page.TypeRuleAsync(Orders);

        await page.ExpectCountAsync(0);
        Assert.Equal(2, page.Previews());
    }

    [Fact(Explicit = true)]
    public async Task Count_TooSlow_ShowsWhyAndWhatItCosts()
    {
        await using var page = await OpenAsync();
        await page.NewAsync();
        await page.Page.RouteAsync(Preview, static route => route.FulfillAsync(route.Request.Url.Contains("cost=only", StringComparison.Ordinal)
            ? new() { ContentType = "application/json", Body = """{"cost":{"rows":9000000000,"bytes":400000000000,"estimated_ms":90000}}""" }
            : new() { Status = 503, ContentType = "application/problem+json", Body = """{"code":"warehouse_unavailable","detail":"The count took longer than 5 s.","traceId":"0af7651916cd43dd8448eb211c80319c"}""" }));

        await page.TypeRuleAsync(Orders);

        await Expect(page.Section("count-failure")).ToContainTextAsync("longer than 5 s");
        await Expect(page.Section("count-failure")).ToContainTextAsync("0af7651916cd43dd8448eb211c80319c");
        await Expect(page.Section("cost")).ToContainTextAsync("400 GB");
        Assert.Empty(await page.GraveViolationsAsync());
    }

    [Fact(Explicit = true)]
    public async Task Members_OfSeveralPages_AreTurnedAndDownloaded()
    {
        await using var page = await SavedAsync();
        await page.Page.RouteAsync("**/members*", static route => route.FulfillAsync(route.Request.Headers["accept"] == "text/csv"
            ? new() { ContentType = "text/csv", Body = "user_id,since,plan\n" }
            : new() { ContentType = "application/json", Body = MembersPage(route.Request.Url) }));

        await page.Section("members-properties").FillAsync("plan, seats");
        await page.Section("members-properties").PressAsync("Enter");
        await Expect(page.Section("members-where")).ToHaveTextAsync("1 to 50 of 70");
        await page.Section("members-next").ClickAsync();
        await Expect(page.Section("members-where")).ToHaveTextAsync("51 to 70 of 70");
        await Expect(page.Section("members-next")).ToBeDisabledAsync();
        await Expect(page.Section("members-previous")).ToBeFocusedAsync();
        await Expect(page.Section("members-rows").Locator("tr").First).ToContainTextAsync("\"free\"");
        await Expect(page.Section("members-rows").Locator("tr").First).ToContainTextAsync("unset");
        var file = await page.Page.RunAndWaitForDownloadAsync(() => page.Section("members-csv").ClickAsync());

        Assert.EndsWith(".csv", file.SuggestedFilename, StringComparison.Ordinal);
        Assert.Equal("user_id,since,plan\n", await File.ReadAllTextAsync(await file.PathAsync(), TestContext.Current.CancellationToken));
    }

    [Fact(Explicit = true)]
    public async Task Changes_OfASavedSegment_AppearByThemselves()
    {
        await using var page = await SavedAsync();
        await page.ExpectStateAsync("changes", "empty");

        // The first computation announces no change.
        await Expect(page.Section("segment-rows").Locator("li")).ToHaveAttributeAsync("data-count", "0");
        await page.Project.SendAsync("order_placed", "ada");

        await Expect(page.Section("changes-rows").Locator("[data-change='entered']")).ToContainTextAsync("ada");
        await Expect(page.Section("changes-flow").Locator("svg")).ToHaveAttributeAsync("aria-label", new System.Text.RegularExpressions.Regex("1 entered and 0 exited"));
        await Expect(page.Section("segment-rows").Locator("li")).ToHaveAttributeAsync("data-count", "1");
    }

    [Theory(Explicit = true)]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 1280)]
    [InlineData(ColorScheme.Light, 375)]
    [InlineData(ColorScheme.Dark, 375)]
    public async Task States_OfThePage_AreAccessibleAndNeedNoScrollingSideways(ColorScheme scheme, int width)
    {
        await using var page = await OpenAsync(options =>
        {
            options.ColorScheme = scheme;
            options.ViewportSize = new() { Width = width, Height = 812 };
        });
        await Expect(page.KeyField).ToBeVisibleAsync();
        await AssertFineAsync();
        await page.NewAsync();
        await AssertFineAsync();
        foreach (var type in (string[])["user_property", "event", "sequence", "segment", "group"])
            await page.AddAsync(type);
        await AssertFineAsync();
        await page.TypeRuleAsync("""{"any":[{"type":"user_property","property":"a..b","operator":"is_set"},{"not":{"type":"event","event_type":"e","within":"P1DT12H","from":{"ago":"P1D"}}}]}""");
        await Expect(page.Page.Locator("[data-kind='fault']").First).ToBeAttachedAsync();
        await AssertFineAsync();
        foreach (var view in (string[])["json", "curl"])
        {
            await page.ViewAsync(view);
            await AssertFineAsync();
        }
        await page.Page.RouteAsync("**/api/**", static route => route.AbortAsync());
        await Expect(page.Connection).ToBeVisibleAsync();
        await AssertFineAsync();

        async Task AssertFineAsync()
        {
            Assert.Equal(0, await page.OverflowAsync());
            Assert.Empty(await page.GraveViolationsAsync());
        }
    }

    [Fact(Explicit = true)]
    public async Task Answers_WithMarkup_AreShownAsTextAndRunNothing()
    {
        await using var page = await OpenAsync();
        var text = JsonSerializer.Serialize(Markup);
        await page.Project.SendAsync("order_placed", text[1..^1], $$"""{ {{text}}:{{text}} }""");
        await page.NewAsync();
        var rule = $$$"""{"all":[{"type":"event","event_type":"order_placed"},{"not":{"type":"user_property","property":{{{text}}},"operator":"equals","value":{{{text}}} }}]}""";
        await Eventually.IsAsync(1, async () =>
        {
            var answer = await page.Project.System.Api.PostAsync(page.Project.Key, "/api/segments/preview", $$"""{"rule":{{rule}}}""");
            return answer.Json.TryGetProperty("count", out var count) ? count.GetInt32() : 0;
        });

        await page.TypeRuleAsync(rule);
        await page.ExpectCountAsync(1);
        await page.SaveAsync(Markup);
        await page.Section("samples").Locator(".chip").ClickAsync();

        await Expect(page.Section("check-answer")).ToContainTextAsync(Markup);
        await Expect(page.Section("segment-rows")).ToContainTextAsync(Markup);
        Assert.Empty(await page.HarmAsync());
    }

    private Task<MonitoringPage> OpenAsync(Action<BrowserNewContextOptions>? change = null) => browser.OpenAsync(system.GetAsync, change, SegmentsPage.Path);

    private async Task<MonitoringPage> SavedAsync()
    {
        var page = await OpenAsync();
        await page.NewAsync();
        await page.TypeRuleAsync(Orders);
        await page.SaveAsync("Orders");
        return page;
    }

    private static string MembersPage(string url)
    {
        var first = url.Contains("cursor=", StringComparison.Ordinal) ? 50 : 0;
        return JsonSerializer.Serialize(new
        {
            members = Enumerable.Range(first, first == 0 ? 50 : 20).Select(static number => new { user_id = $"user-{number}", since = "2026-01-02T03:04:05Z", properties = new { plan = "free" } }),
            next_cursor = first == 0 ? "more" : null,
            as_of = "2026-01-02T03:04:05Z",
            count = 70,
        });
    }
}

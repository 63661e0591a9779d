using System.Globalization;
using System.Text.Json;
using SegOps.Tests.EndToEnd;
using static Microsoft.Playwright.Assertions;

namespace SegOps.Tests.Browser;

/// <summary>Times on the days on which the clocks change, in the time zone of the person who looks at the page.</summary>
[Trait("Stage", "long")]
public sealed class ClockChangeTests(BrowserFixture browser, SystemFixture system)
{
    private const int BucketSeconds = 900;
    private const int Buckets = 96;

    /// <summary>Keeps the texts that each chart draws, in order.</summary>
    private const string KeepTexts = """
        window.drawn = new Map();
        const { clearRect, fillText } = CanvasRenderingContext2D.prototype;
        CanvasRenderingContext2D.prototype.clearRect = function (...rest) { window.drawn.set(this.canvas, []); return clearRect.apply(this, rest) };
        CanvasRenderingContext2D.prototype.fillText = function (...rest) { window.drawn.get(this.canvas)?.push(rest[0]); return fillText.apply(this, rest) };
        """;

    /// <summary>The lower chart has the labels of both.</summary>
    private const string TextsOfTheLowerChart = "() => window.drawn.get([...document.querySelectorAll('#volume-chart canvas')].at(-1)).join(' ')";

    /// <summary>Four buckets around the change. 24 hours follow the first.</summary>
    public static TheoryData<string, string, string> Changes => new()
    {
        { "Europe/London", "2026-10-25T00:30Z", "01:30 +01:00|01:45 +01:00|01:00 +00:00|01:15 +00:00" },
        { "Europe/London", "2026-03-29T00:30Z", "00:30 +00:00|00:45 +00:00|02:00 +01:00|02:15 +01:00" },
        { "America/New_York", "2026-11-01T05:30Z", "01:30 -04:00|01:45 -04:00|01:00 -05:00|01:15 -05:00" },
        { "Australia/Lord_Howe", "2026-04-04T14:30Z", "01:30 +11:00|01:45 +11:00|01:30 +10:30|01:45 +10:30" },
        { "Australia/Lord_Howe", "2026-10-03T15:00Z", "01:30 +10:30|01:45 +10:30|02:30 +11:00|02:45 +11:00" },
        { "America/Havana", "2026-11-01T04:30Z", "00:30 -04:00|00:45 -04:00|00:00 -05:00|00:15 -05:00" },
        { "America/Santiago", "2026-04-05T02:30Z", "23:30 -03:00|23:45 -03:00|23:00 -04:00|23:15 -04:00" },
        { "America/Santiago", "2026-09-06T03:30Z", "23:30|23:45|01:00 -03:00|01:15 -03:00" },
        { "Asia/Kathmandu", "2026-10-25T17:45Z", "23:30|23:45|00:00|00:15" },
    };

    [Theory(Explicit = true)]
    [MemberData(nameof(Changes))]
    public async Task Volume_AroundAChange_NamesEachBucketOnceAlikeInTableAndTooltip(string zone, string from, string times)
    {
        await using var page = await OpenAsync(zone, from);
        var expected = times.Split('|');

        await page.OpenEverythingAsync();
        await Expect(page.Section("volume-rows").Locator("th")).ToHaveCountAsync(Buckets);
        var rows = (await page.Section("volume-rows").Locator("th").AllTextContentsAsync()).Reverse().ToList();

        Assert.Equal(expected, rows.Take(expected.Length).Select(TimeOf));
        Assert.Equal(rows.Count, rows.Distinct().Count());
        for (var bucket = 0; bucket < expected.Length; bucket++)
        {
            await PointAtAsync(page, bucket);
            await Expect(page.Section("volume").Locator(".tip-time")).ToHaveTextAsync($"{rows[bucket]}–{TimeOf(rows[bucket + 1])}");
        }
    }

    [Fact(Explicit = true)]
    public async Task Axis_DayOfTheChange_HasTheOffsetsAndNoTimeTwice()
    {
        await using var page = await OpenAsync("Europe/London", "2026-10-24T23:00Z");

        Assert.StartsWith(
            "Sun 25 03:00 +00:00 06:00 +00:00 09:00 +00:00 12:00 +00:00 15:00 +00:00 18:00 +00:00 21:00 +00:00",
            await page.Page.EvaluateAsync<string>(TextsOfTheLowerChart), StringComparison.Ordinal);
    }

    [Theory(Explicit = true)]
    [InlineData("Europe/London", "2026-10-24T22:00Z", 1, "23:00|Sun 25|01:00 +01:00|01:00 +00:00|02:00 +00:00|03:00 +00:00")]
    [InlineData("Europe/London", "2026-03-28T23:00Z", 1, "23:00|Sun 29|02:00 +01:00|03:00 +01:00|04:00 +01:00|05:00 +01:00")]
    [InlineData("Australia/Lord_Howe", "2026-04-04T13:00Z", 1, "Sun 5|01:00 +11:00|02:00 +10:30|03:00 +10:30|04:00 +10:30")]
    [InlineData("Atlantic/Azores", "2026-10-25T00:00Z", 1, "Sun 25|00:00 -01:00|01:00 -01:00|02:00 -01:00|03:00 -01:00|04:00 -01:00")]
    [InlineData("Atlantic/Azores", "2026-10-25T00:00Z", 3, "Sun 25|03:00 -01:00")]
    [InlineData("America/Santiago", "2026-09-06T03:00Z", 1, "23:00|Sun 6|02:00 -03:00|03:00 -03:00|04:00 -03:00|05:00 -03:00")]
    [InlineData("Asia/Kathmandu", "2026-10-25T17:00Z", 1, "23:00|Mon 26|01:00|02:00|03:00")]
    public async Task Ticks_OfFiveHoursAroundAChange_NameEachTimeOnce(string zone, string from, int stepHours, string labels)
    {
        await using var page = await browser.OpenAsync(system.GetAsync, options => options.TimezoneId = zone);
        double start = Parse(from).ToUnixTimeMilliseconds();

        var ticks = await page.Page.EvaluateAsync<string[]>(
            "async ([from, to, step]) => { const times = await import('/assets/times.js'); return times.ticks(from, to, step).map(at => times.tickLabel(at).replace('\\n', ' ')) }",
            new[] { start, start + 5 * 3_600_000, stepHours * 3_600_000 });

        Assert.Equal(labels.Split('|'), ticks);
    }

    [Theory(Explicit = true)]
    [InlineData("Europe/London", "2026-10-18T23:00Z", "Mon 19|Tue 20|Wed 21|Thu 22|Fri 23|Sat 24|Sun 25|Mon 26|Tue 27")]
    [InlineData("Europe/London", "2026-03-23T00:00Z", "Mon 23|Tue 24|Wed 25|Thu 26|Fri 27|Sat 28|Sun 29|Mon 30|Tue 31")]
    [InlineData("America/Havana", "2026-10-27T04:00Z", "Tue 27|Wed 28|Thu 29|Fri 30|Sat 31|Sun 1|Mon 2|Tue 3|Wed 4")]
    public async Task Ticks_OfDaysAroundAChange_AreTheStartsOfTheDays(string zone, string from, string labels)
    {
        await using var page = await browser.OpenAsync(system.GetAsync, options => options.TimezoneId = zone);
        double start = Parse(from).ToUnixTimeMilliseconds();

        var ticks = await page.Page.EvaluateAsync<string[]>(
            "async ([from, to]) => { const times = await import('/assets/times.js'); return times.ticks(from, to, 86_400_000).map(times.tickLabel) }",
            new[] { start, start + 205 * 3_600_000 });

        Assert.Equal(labels.Split('|'), ticks);
    }

    /// <summary>Signed in, in a time zone, to a project whose volume is that of the 24 hours from a time. The past cannot be sent through the API.</summary>
    private async Task<MonitoringPage> OpenAsync(string zone, string from)
    {
        var page = await browser.OpenAsync(system.GetAsync, options => options.TimezoneId = zone);
        await page.Page.RouteAsync("**/api/monitoring/volume*", route => route.FulfillAsync(new() { ContentType = "application/json", Body = VolumeFrom(Parse(from)) }));
        await page.Page.AddInitScriptAsync(KeepTexts);
        await page.Page.ReloadAsync();
        await page.Project.SendAsync();
        await page.SignInAsync();
        await page.ExpectStateAsync("volume", "ready");
        return page;
    }

    private static string VolumeFrom(DateTimeOffset from) => JsonSerializer.Serialize(new
    {
        window = "24h",
        bucket_seconds = BucketSeconds,
        from,
        to = from.AddSeconds(Buckets * BucketSeconds),
        accepted = Buckets,
        rejected = 0,
        warnings = 0,
        points = Enumerable.Range(0, Buckets).Select(bucket => new { at = from.AddSeconds(bucket * BucketSeconds), accepted = 1, rejected = 0, warnings = 0 }),
    });

    private static async Task PointAtAsync(MonitoringPage page, int bucket)
    {
        var area = page.Section("volume-chart").Locator(".u-over").First;
        var box = (await area.BoundingBoxAsync())!;
        await area.HoverAsync(new() { Position = new() { X = (bucket + 0.5f) * box.Width / Buckets, Y = box.Height / 2 } });
    }

    private static string TimeOf(string label) => label[(label.LastIndexOf(", ", StringComparison.Ordinal) + 2)..];

    private static DateTimeOffset Parse(string time) => DateTimeOffset.Parse(time, CultureInfo.InvariantCulture);
}

using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Monitoring;

public sealed class ErrorsTests(ClickHouseFixture clickHouse)
{
    private const string Errors = "/api/monitoring/errors";
    private const string Warnings = "/api/monitoring/warnings";

    // The tables forget what is too old by the real clock, so that a fixed date would not do.
    private static readonly DateTimeOffset Now = new(TimeProvider.System.GetUtcNow().UtcDateTime.Date.AddHours(10).AddMinutes(7), TimeSpan.Zero);
    private readonly FakeTimeProvider _clock = new(Now);

    [Fact]
    public async Task Errors_None_AreAnEmptyPageOfTheWindow()
    {
        using var tables = await TablesAsync();
        await using var monitoring = await StartAsync(tables);

        var page = await monitoring.ReadAsync(Errors, "p");

        Assert.Equal("24h", page.GetProperty("window").GetString());
        Assert.Equal(Now.AddMinutes(8), page.GetProperty("to").GetDateTimeOffset());
        Assert.Equal(Now.AddMinutes(8).AddHours(-24), page.GetProperty("from").GetDateTimeOffset());
        Assert.Equal(0, page.GetProperty("groups").GetArrayLength());
        Assert.False(page.TryGetProperty("next_cursor", out _));
    }

    [Fact]
    public async Task Errors_OfSeveralCodesAndFields_AreGroupedWithTheLastSeenFirst()
    {
        using var tables = await TablesAsync();
        await AddAsync(tables, Now.AddHours(-3), EventErrorCodes.Required, "user_id");
        await AddAsync(tables, Now.AddHours(-2), EventErrorCodes.Required, "event_type");
        await AddAsync(tables, Now.AddHours(-1), EventErrorCodes.Required, "user_id");
        await AddAsync(tables, Now.AddMinutes(-1), ErrorCodes.MalformedJson, "");
        await using var monitoring = await StartAsync(tables);

        Assert.Equal(["malformed_json: 1", "required user_id: 2", "required event_type: 1"], await GroupsAsync(monitoring, Errors));
    }

    [Fact]
    public async Task Errors_AGroup_HoldsItsTimesAndHowToMendIt()
    {
        using var tables = await TablesAsync();
        await AddAsync(tables, Now.AddHours(-3), EventErrorCodes.TooLong, "user_id", message: "the older");
        await AddAsync(tables, Now.AddHours(-1).AddMicroseconds(1), EventErrorCodes.TooLong, "user_id", message: "the newer");
        await AddAsync(tables, Now.AddHours(-2), EventErrorCodes.TooLong, "user_id", message: "between");
        await using var monitoring = await StartAsync(tables);

        var group = (await monitoring.ReadAsync(Errors, "p")).GetProperty("groups")[0];

        Assert.Equal(Now.AddHours(-3), group.GetProperty("first_seen").GetDateTimeOffset());
        Assert.Equal(Now.AddHours(-1).AddMicroseconds(1), group.GetProperty("last_seen").GetDateTimeOffset());
        Assert.Equal("the newer", group.GetProperty("message").GetString());
        Assert.StartsWith("Shorten the value to 256 characters for user_id", group.GetProperty("fix").GetString(), StringComparison.Ordinal);
        Assert.False(group.TryGetProperty("sample", out _));
    }

    [Fact]
    public async Task Errors_Sample_IsThatOfTheNewestThatHasOne()
    {
        using var tables = await TablesAsync();
        await AddAsync(tables, Now.AddHours(-3), EventErrorCodes.Required, "user_id", sample: """{"x":"number"}""");
        await AddAsync(tables, Now.AddHours(-2), EventErrorCodes.Required, "user_id", sample: """{"userId":"string(8)","…":"3 more"}""");
        await AddAsync(tables, Now.AddHours(-1), EventErrorCodes.Required, "user_id");
        await using var monitoring = await StartAsync(tables);

        var sample = (await monitoring.ReadAsync(Errors, "p")).GetProperty("groups")[0].GetProperty("sample");

        Assert.Equal("""{"userId":"string(8)","…":"3 more"}""", sample.GetRawText());
    }

    [Fact]
    public async Task Errors_StoredTwice_CountOnce()
    {
        using var tables = await TablesAsync();
        var id = Guid.NewGuid();
        foreach (var errorId in (Guid[])[id, id, Guid.NewGuid()])
            await tables.AddErrorAsync("p", Now, Severities.Error, Guid.NewGuid(), errorId: errorId);
        await using var monitoring = await StartAsync(tables);

        Assert.Equal(["required user_id: 2"], await GroupsAsync(monitoring, Errors));
    }

    [Fact]
    public async Task Errors_ThatStandForMore_CountAllOfThemOnce()
    {
        using var tables = await TablesAsync();
        var id = Guid.NewGuid();
        foreach (var (errorId, events) in (ValueTuple<Guid, uint>[])[(id, 500), (id, 500), (Guid.NewGuid(), 1), (Guid.NewGuid(), 20)])
            await tables.AddErrorAsync("p", Now, Severities.Error, Guid.NewGuid(), -1, events, errorId);
        await using var monitoring = await StartAsync(tables);

        Assert.Equal(["required user_id: 521"], await GroupsAsync(monitoring, Errors));
    }

    [Fact]
    public async Task Warnings_StoredTwice_CountTheirEventsOnce()
    {
        using var tables = await TablesAsync();
        var id = Guid.NewGuid();
        foreach (var (errorId, events) in (ValueTuple<Guid, uint>[])[(id, 7), (id, 7), (Guid.NewGuid(), 7), (Guid.NewGuid(), 2)])
        {
            await tables.AddErrorAsync(
                "p", Now, Severities.Warning, Guid.NewGuid(), -1, events, errorId, code: WarningCodes.UnknownField, field: "colour");
        }

        await using var monitoring = await StartAsync(tables);

        Assert.Equal(["unknown_field colour: 16"], await GroupsAsync(monitoring, Warnings));
        Assert.Empty(await GroupsAsync(monitoring, Errors));
    }

    [Fact]
    public async Task Errors_OfOthers_AreNotShown()
    {
        using var tables = await TablesAsync();
        await tables.AddErrorAsync("theirs", Now, Severities.Error, Guid.NewGuid());
        await tables.AddErrorAsync("p", Now, Severities.Error, Guid.NewGuid(), environment: Environments.Test);
        await tables.AddErrorAsync("p", Now, Severities.Warning, Guid.NewGuid());
        await using var monitoring = await StartAsync(tables);

        Assert.Empty(await GroupsAsync(monitoring, Errors));
    }

    [Fact]
    public async Task Errors_TextsOfAnotherProjectAtTheSameMoment_AreNotShown()
    {
        using var tables = await TablesAsync();
        await tables.AddErrorAsync("theirs", Now, Severities.Error, Guid.NewGuid(), message: "theirs", sample: """{"theirs":"null"}""");
        await tables.AddErrorAsync("p", Now, Severities.Error, Guid.NewGuid(), message: "ours");
        await using var monitoring = await StartAsync(tables);

        var group = (await monitoring.ReadAsync(Errors, "p")).GetProperty("groups")[0];

        Assert.Equal("ours", group.GetProperty("message").GetString());
        Assert.False(group.TryGetProperty("sample", out _));
    }

    [Theory]
    [InlineData("24h", -24)]
    [InlineData("7d", -7 * 24)]
    public async Task Errors_OutsideTheWindow_AreNotShown(string window, int hours)
    {
        using var tables = await TablesAsync();
        var from = (window == "24h" ? Now.AddMinutes(8) : Now.AddMinutes(53)).AddHours(hours);
        await AddAsync(tables, from, EventErrorCodes.Required, "user_id");
        await AddAsync(tables, from.AddMicroseconds(-1), EventErrorCodes.Required, "user_id");
        await using var monitoring = await StartAsync(tables);

        Assert.Equal(["required user_id: 1"], await GroupsAsync(monitoring, $"{Errors}?window={window}"));
    }

    [Fact]
    public async Task Errors_MoreThanTheLimit_ComePageByPage()
    {
        using var tables = await TablesAsync();
        foreach (var field in (string[])["d", "a", "c"])
            await AddAsync(tables, Now.AddHours(-1), EventErrorCodes.Required, field);
        await AddAsync(tables, Now.AddHours(-1), EventErrorCodes.Empty, "z");
        await AddAsync(tables, Now.AddHours(-2), EventErrorCodes.Required, "b");
        await using var monitoring = await StartAsync(tables);

        Assert.Equal(
            ["empty z: 1, required a: 1", "required c: 1, required d: 1", "required b: 1"], await PagesAsync(monitoring, Errors + "?limit=2"));
    }

    [Fact]
    public async Task Errors_LastPageFull_HasNoCursor()
    {
        using var tables = await TablesAsync();
        await AddAsync(tables, Now, EventErrorCodes.Required, "a");
        await using var monitoring = await StartAsync(tables);

        Assert.False((await monitoring.ReadAsync(Errors + "?limit=1", "p")).TryGetProperty("next_cursor", out _));
    }

    [Fact]
    public async Task Errors_SeenAgainBetweenPages_KeepTheirPlacesAndCounts()
    {
        using var tables = await TablesAsync();
        foreach (var (field, minutes) in (ValueTuple<string, int>[])[("a", -1), ("b", -2), ("c", -3)])
            await AddAsync(tables, Now.AddMinutes(minutes), EventErrorCodes.Required, field);
        await using var monitoring = await StartAsync(tables);

        var pages = await PagesAsync(monitoring, Errors + "?limit=1", async () =>
        {
            // The window moves on as well.
            _clock.Advance(TimeSpan.FromMinutes(20));
            foreach (var field in (string[])["a", "b", "c", "new"])
                await AddAsync(tables, _clock.GetUtcNow(), EventErrorCodes.Required, field);
        });

        Assert.Equal(["required a: 1", "required b: 1", "required c: 1"], pages);
    }

    [Fact]
    public async Task Errors_ReceivedByAClockAheadOfOurs_AreShownOnOnePage()
    {
        using var tables = await TablesAsync();
        await AddAsync(tables, Now.AddMinutes(-3), EventErrorCodes.Required, "ahead");
        await AddAsync(tables, Now.AddSeconds(5), EventErrorCodes.Required, "ahead");
        await AddAsync(tables, Now.AddMinutes(-1), EventErrorCodes.Required, "b");
        await using var monitoring = await StartAsync(tables);

        Assert.Equal(["required ahead: 2", "required b: 1"], await PagesAsync(monitoring, Errors + "?limit=1"));
    }

    [Theory]
    [InlineData("a\tb\nc\\d'e\"f`g")]
    [InlineData("\\N")]
    [InlineData("[] {code:String}")]
    [InlineData("日本語 😀")]
    public async Task Errors_FieldThatLooksLikeSql_IsOnlyAValue(string field)
    {
        using var tables = await TablesAsync();
        await AddAsync(tables, Now, EventErrorCodes.Required, field, message: "the message");
        await AddAsync(tables, Now.AddHours(-1), EventErrorCodes.Required, "other");
        await using var monitoring = await StartAsync(tables);

        var first = await monitoring.ReadAsync(Errors + "?limit=1", "p");

        Assert.Equal(field, first.GetProperty("groups")[0].GetProperty("field").GetString());
        Assert.Equal("the message", first.GetProperty("groups")[0].GetProperty("message").GetString());
        Assert.Equal([$"required {field}: 1", "required other: 1"], await PagesAsync(monitoring, Errors + "?limit=1"));
    }

    [Theory]
    [InlineData("window=1h", "window")]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=101", "limit")]
    [InlineData("cursor=rubbish", "cursor")]
    [InlineData("cursor=%00", "cursor")]
    [InlineData("cursor=a&cursor=b", "cursor")]
    public async Task Errors_WrongParameter_IsInvalidParameterAndNamesIt(string query, string parameter)
    {
        await using var monitoring = await MonitoringUnderTest.StartAsync(MonitoringUnderTest.NoWarehouse);

        foreach (var path in (string[])[Errors, Warnings])
        {
            using var answer = await monitoring.GetAsync($"{path}?{query}", "p");
            var problem = await ProblemAnswer.ReadAsync(HttpStatusCode.BadRequest, ErrorCodes.InvalidParameter, answer);
            Assert.StartsWith(parameter + " ", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }
    }

    private static Task AddAsync(WarehouseTables tables, DateTimeOffset at, string code, string field, string message = "m", string sample = "") =>
        tables.AddErrorAsync("p", at, Severities.Error, Guid.NewGuid(), code: code, field: field, message: message, sample: sample);

    /// <summary>Reads all pages, each as one text; <paramref name="between"/> runs before each but the first.</summary>
    private static async Task<List<string>> PagesAsync(MonitoringUnderTest monitoring, string path, Func<Task>? between = null)
    {
        List<string> pages = [];
        for (var next = path; ;)
        {
            var page = await monitoring.ReadAsync(next, "p");
            pages.Add(string.Join(", ", page.GetProperty("groups").EnumerateArray().Select(Text)));
            if (!page.TryGetProperty("next_cursor", out var cursor))
                return pages;
            next = $"{path}&cursor={cursor.GetString()}";
            await (between?.Invoke() ?? Task.CompletedTask);
        }
    }

    private static async Task<IEnumerable<string>> GroupsAsync(MonitoringUnderTest monitoring, string path) =>
        (await monitoring.ReadAsync(path, "p")).GetProperty("groups").EnumerateArray().Select(Text);

    private static string Text(JsonElement group) =>
        $"{$"{group.GetProperty("code").GetString()} {group.GetProperty("field").GetString()}".TrimEnd(' ')}: {group.GetProperty("count").GetInt64()}";

    private Task<MonitoringUnderTest> StartAsync(WarehouseTables tables) => MonitoringUnderTest.StartAsync(tables.ConnectionString, _clock);

    private Task<WarehouseTables> TablesAsync() => clickHouse.NewTablesAsync();
}

using System.Net;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Monitoring;

public sealed class EventsTests(ClickHouseFixture clickHouse)
{
    private const string Path = "/api/monitoring/events";
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    [Fact]
    public async Task Events_Stored_AreShownNewestFirst()
    {
        using var tables = await TablesAsync();
        var old = await tables.AddEventAsync("p", Now.AddDays(-100));
        var newest = await tables.AddEventAsync("p", Now.AddSeconds(-1));
        var middle = await tables.AddEventAsync("p", Now.AddHours(-2));
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString);

        Assert.Equal([newest, middle, old], await monitoring.EventIdsAsync(Path, "p"));
    }

    [Fact]
    public async Task Events_Stored_AreShownWithAllTheirFields()
    {
        using var tables = await TablesAsync();
        var receivedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).AddMicroseconds(678901);
        var id = await tables.AddEventAsync("p", receivedAt, userId: "ü\t'\\", eventType: "page_viewed", payload: """{"n":1.0,"deep":{"a":[null,"ü\n"]}}""");
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString);

        var shown = (await monitoring.ReadAsync(Path, "p")).GetProperty("events")[0];

        Assert.Equal(id, shown.GetProperty("event_id").GetGuid());
        Assert.Equal("page_viewed", shown.GetProperty("event_type").GetString());
        Assert.Equal("ü\t'\\", shown.GetProperty("user_id").GetString());
        Assert.Equal("2026-01-02T03:04:05.678901Z", shown.GetProperty("received_at").GetString());
        Assert.Equal("2026-01-02T03:04:05.678901Z", shown.GetProperty("occurred_at").GetString());
        Assert.Equal("""{"n":1.0,"deep":{"a":[null,"ü\n"]}}""", shown.GetProperty("payload").GetRawText());
    }

    [Fact]
    public async Task Events_OfAnotherProject_AreNotShown()
    {
        using var tables = await TablesAsync();
        await tables.AddEventAsync("theirs", Now);
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString);

        Assert.Empty(await monitoring.EventIdsAsync(Path, "ours"));
    }

    [Fact]
    public async Task Events_OfTheOtherEnvironment_AreNotShown()
    {
        using var tables = await TablesAsync();
        var live = await tables.AddEventAsync("p", Now, Environments.Live);
        var test = await tables.AddEventAsync("p", Now, Environments.Test);
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString);

        Assert.Equal([live], await monitoring.EventIdsAsync(Path, "p", Environments.Live));
        Assert.Equal([test], await monitoring.EventIdsAsync(Path, "p", Environments.Test));
    }

    [Fact]
    public async Task Events_StoredTwice_AreShownOnce()
    {
        using var tables = await TablesAsync();
        var id = await tables.AddEventAsync("p", Now.AddHours(-1), payload: """{"version":"old"}""");
        await tables.AddEventAsync("p", Now, payload: """{"version":"new"}""", eventId: id);
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString);

        var events = (await monitoring.ReadAsync(Path, "p")).GetProperty("events");

        Assert.Equal(1, events.GetArrayLength());
        Assert.Equal("new", events[0].GetProperty("payload").GetProperty("version").GetString());
    }

    /// <summary>An event without a time of its own takes that of each receipt: its copies are in two partitions, and are never merged.</summary>
    [Fact]
    public async Task Events_SentAgainAcrossTheEndOfAMonth_AreShownOnce()
    {
        using var tables = await TablesAsync();
        var midnight = new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);
        var id = await tables.AddEventAsync("p", midnight.AddSeconds(-1));
        await tables.AddEventAsync("p", midnight.AddSeconds(1), eventId: id);
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString);

        Assert.Equal([id], await monitoring.EventIdsAsync(Path, "p"));
    }

    [Fact]
    public async Task Events_StoredTwice_CountOnceTowardsTheLimit()
    {
        using var tables = await TablesAsync();
        var other = await tables.AddEventAsync("p", Now.AddHours(-1));
        var twice = await tables.AddEventAsync("p", Now);
        await tables.AddEventAsync("p", Now, eventId: twice);
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString);

        Assert.Equal([twice, other], await monitoring.EventIdsAsync(Path + "?limit=2", "p"));
    }

    [Theory]
    [InlineData("?user_id=anna", "anna-paid", "anna-viewed")]
    [InlineData("?event_type=paid", "anna-paid", "ben-paid")]
    [InlineData("?user_id=anna&event_type=paid", "anna-paid")]
    [InlineData("?user_id=&event_type=", "anna-paid", "anna-viewed", "ben-paid")]
    [InlineData("?user_id=nobody")]
    public async Task Events_Filtered_AreThoseThatMatch(string query, params string[] expected)
    {
        using var tables = await TablesAsync();
        foreach (var (user, type) in (ValueTuple<string, string>[])[("anna", "paid"), ("anna", "viewed"), ("ben", "paid")])
            await tables.AddEventAsync("p", Now, userId: user, eventType: type);
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString);

        var events = (await monitoring.ReadAsync(Path + query, "p")).GetProperty("events").EnumerateArray();

        Assert.Equal(expected, events.Select(item => $"{item.GetProperty("user_id")}-{item.GetProperty("event_type")}").Order());
    }

    [Fact]
    public async Task Events_MoreThanTheLimit_AreTheNewest()
    {
        using var tables = await TablesAsync();
        await tables.AddEventAsync("p", Now.AddSeconds(-2));
        var newest = await tables.AddEventAsync("p", Now);
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString);

        Assert.Equal([newest], await monitoring.EventIdsAsync(Path + "?limit=1", "p"));
    }

    [Theory]
    [InlineData("' OR 1=1 --")]
    [InlineData("\\' OR 1=1 --")]
    [InlineData("{project:String}")]
    [InlineData("\\N")]
    [InlineData("a\tb\nc\rd\\e\\\\f\\tg'h\"i`j")]
    [InlineData("%' UNION ALL SELECT 1 --")]
    [InlineData("日本語 😀")]
    public async Task Events_ValueThatLooksLikeSql_IsOnlyAValue(string value)
    {
        using var tables = await TablesAsync();
        await tables.AddEventAsync("theirs", Now, userId: value, eventType: value);
        await tables.AddEventAsync("p", Now, userId: "another");
        var id = await tables.AddEventAsync("p", Now, userId: value, eventType: value);
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString);
        var escaped = Uri.EscapeDataString(value);

        var shown = await monitoring.EventIdsAsync($"{Path}?user_id={escaped}&event_type={escaped}", "p");

        Assert.Equal([id], shown);
    }

    [Fact]
    public async Task Events_ProjectThatLooksLikeSql_IsOnlyAValue()
    {
        using var tables = await TablesAsync();
        await tables.AddEventAsync("theirs", Now);
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString);

        Assert.Empty(await monitoring.EventIdsAsync(Path, "' OR 1=1 OR project_id = '"));
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=1001", "limit")]
    [InlineData("limit=-1", "limit")]
    [InlineData("limit=1.5", "limit")]
    [InlineData("limit=99999999999999999999", "limit")]
    [InlineData("limit=1&limit=2", "limit")]
    [InlineData("user_id=a&user_id=b", "user_id")]
    public async Task Events_WrongParameter_IsInvalidParameterAndNamesIt(string query, string parameter)
    {
        await using var monitoring = await MonitoringUnderTest.StartAsync(MonitoringUnderTest.NoWarehouse);

        using var answer = await monitoring.GetAsync($"{Path}?{query}", "p");

        var problem = await ProblemAnswer.ReadAsync(HttpStatusCode.BadRequest, ErrorCodes.InvalidParameter, answer);
        Assert.StartsWith(parameter + " ", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_UserIdTooLong_IsInvalidParameter()
    {
        await using var monitoring = await MonitoringUnderTest.StartAsync(MonitoringUnderTest.NoWarehouse);

        using var answer = await monitoring.GetAsync($"{Path}?user_id={new string('u', EventLimits.MaxUserIdLength + 1)}", "p");

        await ProblemAnswer.ReadAsync(HttpStatusCode.BadRequest, ErrorCodes.InvalidParameter, answer);
    }

    [Theory]
    [InlineData(Path)]
    [InlineData("/api/monitoring/volume")]
    [InlineData("/api/monitoring/errors")]
    [InlineData("/api/monitoring/warnings")]
    public async Task Query_WarehouseAway_IsWarehouseUnavailableWithRetryAfter(string path)
    {
        await using var monitoring = await MonitoringUnderTest.StartAsync(MonitoringUnderTest.NoWarehouse);

        using var answer = await monitoring.GetAsync(path, "p");

        await ProblemAnswer.ReadAsync(HttpStatusCode.ServiceUnavailable, ErrorCodes.WarehouseUnavailable, answer);
        Assert.NotNull(answer.Headers.RetryAfter?.Delta);
    }

    [Theory]
    [InlineData(Path)]
    [InlineData("/api/monitoring/events/")]
    [InlineData("/api/monitoring/volume")]
    [InlineData("/api/monitoring/errors")]
    [InlineData("/api/monitoring/warnings")]
    [InlineData("/api/monitoring/health")]
    [InlineData("/api/monitoring/freshness")]
    [InlineData("/api/monitoring/live")]
    public async Task Request_WithoutTheInternalSecret_IsRefused(string path)
    {
        await using var monitoring = await MonitoringUnderTest.StartAsync(MonitoringUnderTest.NoWarehouse);

        using var answer = await monitoring.Client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);

        await ProblemAnswer.ReadAsync(HttpStatusCode.Forbidden, ErrorCodes.InternalOnly, answer);
    }

    [Fact]
    public async Task Request_WithTrailingSlash_IsTheSame()
    {
        using var tables = await TablesAsync();
        var id = await tables.AddEventAsync("p", Now);
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString);

        Assert.Equal([id], await monitoring.EventIdsAsync(Path + "/", "p"));
    }

    private Task<WarehouseTables> TablesAsync() => clickHouse.NewTablesAsync();
}

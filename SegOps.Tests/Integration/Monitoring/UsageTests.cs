using System.Globalization;
using System.Net;
using System.Text.Json;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;
using StackExchange.Redis;

namespace SegOps.Tests.Integration.Monitoring;

public sealed class UsageTests(ClickHouseFixture clickHouse, RedisFixture redis)
{
    private const string Path = "/api/monitoring/usage";
    private const int CallsPerMinute = 60;
    private readonly string _project = Unique.Name("project_");

    [Fact]
    public async Task Usage_OfCalls_CountsThoseOfTheLastMinute()
    {
        await using var monitoring = await StartAsync();
        await CallsAsync(CallBuckets.Live, ago: [1, 2, 50, 61, 90]);

        var calls = (await ReadAsync(monitoring)).GetProperty("calls");

        Assert.Equal((60, 3, 57), (calls.GetProperty("limit").GetInt32(), calls.GetProperty("used").GetInt32(), calls.GetProperty("remaining").GetInt32()));
    }

    [Fact]
    public async Task Usage_OfTestKeys_CountsTheirCallsAndNoEvents()
    {
        await using var monitoring = await StartAsync();
        await CallsAsync(CallBuckets.Live, ago: [1, 2]);
        await CallsAsync(CallBuckets.Test, ago: [1]);

        var usage = await ReadAsync(monitoring, Environments.Test);

        Assert.Equal(1, usage.GetProperty("calls").GetProperty("used").GetInt32());
        Assert.False(usage.TryGetProperty("events", out _));
    }

    [Fact]
    public async Task Usage_OfEvents_IsTheMonthsFigure()
    {
        await using var monitoring = await StartAsync();
        await UsedAsync(499_000);

        var usage = await ReadAsync(monitoring);

        var events = usage.GetProperty("events");
        Assert.Equal("free", usage.GetProperty("plan").GetString());
        Assert.Equal((500_000, 499_000, 1_000), (Number(events, "limit"), Number(events, "used"), Number(events, "remaining")));
        Assert.Equal(1, events.GetProperty("resets_at").GetDateTimeOffset().Day);
    }

    [Fact]
    public async Task Usage_Unlimited_HasNeitherLimitNorRemaining()
    {
        await using var monitoring = await StartAsync();

        var events = (await monitoring.ReadAsync(Path, _project, headers: (InternalHeaders.Plan, "enterprise"))).GetProperty("events");

        Assert.False(events.TryGetProperty("limit", out _) || events.TryGetProperty("remaining", out _));
    }

    [Fact]
    public async Task Usage_WhileEventsCome_ForecastsByTheirNumber()
    {
        using var tables = await clickHouse.NewTablesAsync();
        await tables.AddEventAsync(_project, TimeProvider.System.GetUtcNow());
        await tables.AddEventAsync(_project, TimeProvider.System.GetUtcNow());
        await using var monitoring = await StartAsync(tables);
        await monitoring.RollUpAsync();

        Assert.Equal(2, (await ReadAsync(monitoring)).GetProperty("events").GetProperty("forecast").GetProperty("events_per_day").GetInt32());
    }

    [Fact]
    public async Task Usage_WarehouseAway_StillSaysWhatIsUsed()
    {
        await using var monitoring = await StartAsync();
        await UsedAsync(7);

        var events = (await ReadAsync(monitoring)).GetProperty("events");

        Assert.Equal(7, Number(events, "used"));
        Assert.False(events.TryGetProperty("forecast", out _));
    }

    [Fact]
    public async Task Usage_RedisAway_IsUsageUnavailable()
    {
        await using var monitoring = await MonitoringUnderTest.StartAsync(MonitoringUnderTest.NoWarehouse);

        using var answer = await monitoring.GetAsync(Path, _project);

        await ProblemAnswer.ReadAsync(HttpStatusCode.ServiceUnavailable, ErrorCodes.UsageUnavailable, answer);
    }

    private async Task<MonitoringUnderTest> StartAsync(WarehouseTables? tables = null) =>
        await MonitoringUnderTest.StartAsync(tables?.ConnectionString ?? MonitoringUnderTest.NoWarehouse, redis: await redis.ConnectionStringAsync());

    private Task<JsonElement> ReadAsync(MonitoringUnderTest monitoring, string environment = Environments.Live) => monitoring.ReadAsync(
        Path, _project, environment, (InternalHeaders.Plan, "free"), (InternalHeaders.CallsPerMinute, $"{CallsPerMinute}"), (InternalHeaders.EventsPerMonth, "500000"));

    private static long Number(JsonElement element, string name) => element.GetProperty(name).GetInt64();

    /// <summary>Calls as the gateway notes them, the newest first.</summary>
    private async Task CallsAsync(string bucket, int[] ago)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(await redis.ConnectionStringAsync());
        var now = TimeProvider.System.GetUtcNow();
        foreach (var seconds in ago)
        {
            var micros = (now.AddSeconds(-seconds) - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
            await connection.GetDatabase().ListRightPushAsync(RedisKeys.Calls(_project, bucket), micros.ToString(CultureInfo.InvariantCulture));
        }
    }

    private async Task UsedAsync(long events)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(await redis.ConnectionStringAsync());
        var month = TimeProvider.System.GetUtcNow().ToString("yyyy-MM", CultureInfo.InvariantCulture);
        await connection.GetDatabase().HashSetAsync(RedisKeys.Usage(_project), month, events);
    }
}

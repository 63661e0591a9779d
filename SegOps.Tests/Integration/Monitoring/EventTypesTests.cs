using System.Net;
using System.Text.Json;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Monitoring;

public sealed class EventTypesTests(ClickHouseFixture clickHouse)
{
    private const string Path = "/api/monitoring/event-types";
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    [Fact]
    public async Task EventTypes_Several_AreInTheOrderOfTheirCounts()
    {
        var answer = await ReadAsync(Path, ("page_viewed", Now), ("order_placed", Now), ("page_viewed", Now), ("page_viewed", Now));

        Assert.Equal(["page_viewed 3 0.75", "order_placed 1 0.25"], Types(answer));
        Assert.Equal((4, 2), (answer.GetProperty("total").GetInt32(), answer.GetProperty("distinct").GetInt32()));
    }

    [Fact]
    public async Task EventTypes_MoreThanTheLimit_StillCountInTotal()
    {
        var answer = await ReadAsync(Path + "?limit=1", ("page_viewed", Now), ("order_placed", Now), ("page_viewed", Now));

        Assert.Equal(["page_viewed 2 0.6667"], Types(answer));
        Assert.Equal((3, 2), (answer.GetProperty("total").GetInt32(), answer.GetProperty("distinct").GetInt32()));
    }

    [Fact]
    public async Task EventTypes_MoreThanInTheWindowBefore_HaveATrend()
    {
        var before = Now.AddHours(-30);

        var answer = await ReadAsync(Path, ("page_viewed", Now), ("page_viewed", Now), ("page_viewed", Now), ("page_viewed", before), ("page_viewed", before));

        var type = answer.GetProperty("event_types")[0];
        Assert.Equal((2, 0.5), (type.GetProperty("previous").GetInt32(), type.GetProperty("trend").GetDouble()));
    }

    [Fact]
    public async Task EventTypes_NoneInTheWindowBefore_HaveNoTrend()
    {
        var answer = await ReadAsync(Path, ("page_viewed", Now));

        Assert.False(answer.GetProperty("event_types")[0].TryGetProperty("trend", out _));
    }

    [Fact]
    public async Task EventTypes_OnlyInTheWindowBefore_AreNotShown()
    {
        var answer = await ReadAsync(Path, ("page_viewed", Now.AddHours(-30)));

        Assert.Empty(Types(answer));
        Assert.Equal(0, answer.GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task EventTypes_Of7Days_GoBackThatFar() =>
        Assert.Equal(["page_viewed 2 1"], Types(await ReadAsync(Path + "?window=7d", ("page_viewed", Now), ("page_viewed", Now.AddDays(-6)))));

    [Fact]
    public async Task EventTypes_OfOthers_AreNotShown()
    {
        using var tables = await clickHouse.NewTablesAsync();
        await tables.AddEventAsync("theirs", Now);
        await tables.AddEventAsync("p", Now, Environments.Test);
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString);
        await monitoring.RollUpAsync();

        Assert.Empty(Types(await monitoring.ReadAsync(Path, "p")));
    }

    [Theory]
    [InlineData("window=1h")]
    [InlineData("limit=0")]
    [InlineData("limit=101")]
    [InlineData("limit=ten")]
    public async Task EventTypes_WrongParameter_IsInvalidParameter(string query)
    {
        await using var monitoring = await MonitoringUnderTest.StartAsync(MonitoringUnderTest.NoWarehouse);

        using var answer = await monitoring.GetAsync($"{Path}?{query}", "p");

        await ProblemAnswer.ReadAsync(HttpStatusCode.BadRequest, ErrorCodes.InvalidParameter, answer);
    }

    private static string[] Types(JsonElement answer) => [.. answer.GetProperty("event_types").EnumerateArray()
        .Select(type => $"{type.GetProperty("event_type").GetString()} {type.GetProperty("count").GetInt32()} {type.GetProperty("share").GetRawText()}")];

    private async Task<JsonElement> ReadAsync(string path, params (string Type, DateTimeOffset ReceivedAt)[] events)
    {
        using var tables = await clickHouse.NewTablesAsync();
        foreach (var (type, receivedAt) in events)
            await tables.AddEventAsync("p", receivedAt, eventType: type);
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString);
        await monitoring.RollUpAsync();
        return await monitoring.ReadAsync(path, "p");
    }
}

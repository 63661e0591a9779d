using System.Globalization;
using CsCheck;
using SegOps.InternalApi;
using SegOps.Tests.Fixtures;
using StackExchange.Redis;

namespace SegOps.Tests.Integration.InternalApi;

/// <summary>The calendar in Lua against .NET's.</summary>
public sealed class MonthScriptTests(RedisFixture redis)
{
    [Theory]
    [InlineData("1970-01-01T00:00:00Z")]
    [InlineData("2000-02-29T23:59:59Z")]
    [InlineData("2024-02-29T12:00:00Z")]
    [InlineData("2025-02-28T23:59:59Z")]
    [InlineData("2025-03-01T00:00:00Z")]
    [InlineData("2025-12-31T23:59:59Z")]
    [InlineData("2026-01-01T00:00:00Z")]
    [InlineData("2100-02-28T23:59:59Z")]
    [InlineData("2100-03-01T00:00:00Z")]
    public async Task MonthOf_Boundaries_AreTheCalendars(string time)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(await redis.ConnectionStringAsync());

        await AssertSameAsync(connection, DateTimeOffset.Parse(time, CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task MonthOf_AnyTimeOfTwoCenturies_IsTheCalendars()
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(await redis.ConnectionStringAsync());

        await Gen.Long[0, 6_000_000_000].SampleAsync(
            seconds => AssertSameAsync(connection, DateTimeOffset.FromUnixTimeSeconds(seconds)), iter: 500, threads: 1);
    }

    private static async Task AssertSameAsync(ConnectionMultiplexer connection, DateTimeOffset time)
    {
        var began = new DateTimeOffset(time.Year, time.Month, 1, 0, 0, 0, TimeSpan.Zero);

        var reply = (string[])(await connection.GetDatabase().ScriptEvaluateAsync(
            UsageScripts.Month + "local name, began, ends = month_of(tonumber(ARGV[1])) return { name, tostring(began), tostring(ends) }",
            values: [time.ToUnixTimeSeconds()]))!;

        Assert.Equal([time.ToString("yyyy-MM", CultureInfo.InvariantCulture), Text(began), Text(began.AddMonths(1))], reply);
    }

    private static string Text(DateTimeOffset time) => time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
}

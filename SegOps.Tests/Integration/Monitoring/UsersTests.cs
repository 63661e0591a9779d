using SegOps.Contracts;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Monitoring;

public sealed class UsersTests(ClickHouseFixture clickHouse)
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    [Fact]
    public async Task Users_WithSeveralEvents_CountOnce() =>
        Assert.Equal(2, await CountAsync("24h", ("a", Now), ("b", Now), ("a", Now), ("a", Now.AddHours(-3))));

    [Fact]
    public async Task Users_WhoCameLongerAgo_DoNotCount() => Assert.Equal(1, await CountAsync("24h", ("a", Now), ("b", Now.AddHours(-30))));

    [Fact]
    public async Task Users_Of7Days_AreThoseOfAllOfThem() => Assert.Equal(2, await CountAsync("7d", ("a", Now), ("b", Now.AddDays(-6)), ("c", Now.AddDays(-8))));

    [Fact]
    public async Task Users_WhoseOldEventComesLate_StillCount() => Assert.Equal(1, await CountAsync("24h", ("a", Now), ("a", Now.AddDays(-3))));

    [Fact]
    public async Task Users_OfOthers_DoNotCount()
    {
        using var tables = await clickHouse.NewTablesAsync();
        await tables.AddEventAsync("theirs", Now);
        await tables.AddEventAsync("p", Now, Environments.Test);
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString);

        Assert.Equal(0, (await monitoring.ReadAsync("/api/monitoring/users", "p")).GetProperty("users").GetInt32());
    }

    private async Task<int> CountAsync(string window, params (string User, DateTimeOffset ReceivedAt)[] events)
    {
        using var tables = await clickHouse.NewTablesAsync();
        foreach (var (user, receivedAt) in events)
            await tables.AddEventAsync("p", receivedAt, userId: user);
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString);
        return (await monitoring.ReadAsync($"/api/monitoring/users?window={window}", "p")).GetProperty("users").GetInt32();
    }
}

using System.Text.Json;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Monitoring;

/// <summary>What roll-ups say after everything that can happen to them.</summary>
public sealed class RollupTests(ClickHouseFixture clickHouse)
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    [Fact]
    public async Task RollUp_EventsComeAfterwards_CountsThemToo()
    {
        using var tables = await TablesAsync();
        await tables.AddEventAsync("p", Now);
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString);
        await monitoring.RollUpAsync();

        await tables.AddEventAsync("p", Now);
        await monitoring.RollUpAsync();

        Assert.Equal(2, await AcceptedAsync(monitoring));
    }

    [Fact]
    public async Task RollUp_CopyComesWithinALaterQuarter_CountsItNoMore()
    {
        using var tables = await TablesAsync();
        var id = await tables.AddEventAsync("p", Now.AddHours(-5));
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString);
        await monitoring.RollUpAsync();

        await tables.AddEventAsync("p", Now, eventId: id);
        await monitoring.RollUpAsync();

        Assert.Equal(1, await AcceptedAsync(monitoring));
    }

    [Fact]
    public async Task RollUp_FirstCopyIsStoredLast_MovesTheEventToItsQuarter()
    {
        using var tables = await TablesAsync();
        var id = await tables.AddEventAsync("p", Now);
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString);
        await monitoring.RollUpAsync();

        await tables.AddEventAsync("p", Now.AddHours(-5), eventId: id);
        await monitoring.RollUpAsync(); // counts the earlier quarter, and notes that the later one has changed
        await monitoring.RollUpAsync();

        var filled = (await monitoring.ReadAsync("/api/monitoring/volume", "p")).GetProperty("points").EnumerateArray()
            .Single(point => point.GetProperty("accepted").GetInt32() > 0);
        Assert.InRange(Now.AddHours(-5) - filled.GetProperty("at").GetDateTimeOffset(), TimeSpan.Zero, TimeSpan.FromMinutes(15));
    }

    [Fact]
    public async Task RollUp_CopiesWereMergedAway_CountsTheSame()
    {
        using var tables = await TablesAsync();
        var id = await tables.AddEventAsync("p", Now);
        await tables.AddEventAsync("p", Now, eventId: id);
        await tables.AddEventAsync("p", Now.AddHours(-2), eventId: id);
        foreach (var table in (string[])["events", "event_receipts", "quarter_changes"])
            await tables.MergeAsync(table);
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString);

        await monitoring.RollUpAsync();

        Assert.Equal(1, await AcceptedAsync(monitoring));
    }

    [Fact]
    public async Task RollUp_AnEventTypeIsLeftByItsOnlyEvent_ForgetsIt()
    {
        using var tables = await TablesAsync();
        var id = await tables.AddEventAsync("p", Now, eventType: "checkout");
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString);
        await monitoring.RollUpAsync();

        await tables.AddEventAsync("p", Now.AddDays(-3), eventType: "checkout", eventId: id);
        await monitoring.RollUpAsync();
        await monitoring.RollUpAsync();

        Assert.Equal(0, (await monitoring.ReadAsync("/api/monitoring/event-types", "p")).GetProperty("event_types").GetArrayLength());
    }

    [Fact]
    public async Task RollUp_OneQuarterIsTooLargeForClickHouse_CountsTheOthers()
    {
        const int mostRows = 10_000;
        using var tables = await TablesAsync();
        await tables.AddEventsAsync("large", Now, 2 * mostRows);
        await tables.AddEventAsync("p", Now.AddHours(-1));
        await using var monitoring = await MonitoringUnderTest.StartAsync($"{tables.ConnectionString};set_max_rows_to_read={mostRows}");

        await monitoring.RollUpAsync();

        Assert.Equal(1, await AcceptedAsync(monitoring));
    }

    [Fact]
    public async Task RollUp_NeighboursHoldCopies_AreNotCountedAgainForEver()
    {
        using var tables = await TablesAsync();
        foreach (var hours in (int[])[3, 2, 1])
        {
            var id = await tables.AddEventAsync("p", Now.AddHours(-hours));
            await tables.AddEventAsync("p", Now.AddHours(1 - hours), eventId: id);
        }
        await tables.ExecuteAsync("TRUNCATE TABLE quarter_changes");
        await tables.ExecuteAsync(
            "INSERT INTO quarter_changes (project_id, environment, quarter, changed_at) SELECT DISTINCT project_id, environment, quarter, now() - 600 FROM event_receipts");
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString);

        await monitoring.RollUpAsync();

        Assert.Equal(0, await tables.CountAsync("quarter_changes", "recount_at > changed_at"));
        Assert.Equal(3, await AcceptedAsync(monitoring));
    }

    [Fact]
    public async Task RollUp_TwoInstances_CountAsOneDoes()
    {
        using var tables = await TablesAsync();
        await tables.AddEventAsync("p", Now);
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString);
        await using var another = await MonitoringUnderTest.StartAsync(tables.ConnectionString);

        await Task.WhenAll(monitoring.RollUpAsync(), another.RollUpAsync());

        Assert.Equal(1, await AcceptedAsync(monitoring));
    }

    [Fact]
    public async Task RollUp_ErrorsComeAlone_CountsThem()
    {
        using var tables = await TablesAsync();
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString);
        await monitoring.RollUpAsync();

        await tables.AddErrorAsync("p", Now, Severities.Error, Guid.NewGuid());
        await monitoring.RollUpAsync();

        Assert.Equal(1, (await monitoring.ReadAsync("/api/monitoring/volume", "p")).GetProperty("rejected").GetInt32());
    }

    [Fact]
    public async Task RollUp_Canaries_AreNobodysEvents()
    {
        using var tables = await TablesAsync();
        await tables.AddEventAsync(Canary.ProjectId, Now, Environments.Test);
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString);

        await monitoring.RollUpAsync();

        var volume = await monitoring.ReadAsync("/api/monitoring/volume", Canary.ProjectId, Environments.Test);
        var users = await monitoring.ReadAsync("/api/monitoring/users", Canary.ProjectId, Environments.Test);
        Assert.Equal((0, 0), (volume.GetProperty("accepted").GetInt32(), users.GetProperty("users").GetInt32()));
    }

    [Fact]
    public async Task RollUp_WarehouseAway_WaitsForIt()
    {
        await using var monitoring = await MonitoringUnderTest.StartAsync(MonitoringUnderTest.NoWarehouse);

        await monitoring.RollUpAsync();

        Assert.Equal(JsonValueKind.Object, (await monitoring.ReadAsync("/api/monitoring/health", "p")).ValueKind);
    }

    private static async Task<int> AcceptedAsync(MonitoringUnderTest monitoring) =>
        (await monitoring.ReadAsync("/api/monitoring/volume?window=7d", "p")).GetProperty("accepted").GetInt32();

    private Task<WarehouseTables> TablesAsync() => clickHouse.NewTablesAsync();
}

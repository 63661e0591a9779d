using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using SegOps.Contracts;
using SegOps.Monitoring.Rollups;
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

    [Theory]
    [InlineData(3)] // in the same slice, or the next
    [InlineData(25)]
    [InlineData(5 * 60 * 60)]
    public async Task RollUp_CopyOfAnIdThatTellsItsTime_CountsOnce(int secondsLater)
    {
        using var tables = await TablesAsync();
        var first = Now.AddHours(-6);
        var id = await tables.AddEventAsync("p", first, eventId: Guid.CreateVersion7(first.AddMilliseconds(-100)));
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString);
        await monitoring.RollUpAsync();

        await tables.AddEventAsync("p", first.AddSeconds(secondsLater), eventId: id);
        await monitoring.RollUpAsync();

        Assert.Equal(1, await AcceptedAsync(monitoring));
    }

    [Fact]
    public async Task RollUp_SameIdInAnotherProject_CountsInBoth()
    {
        using var tables = await TablesAsync();
        var id = await tables.AddEventAsync("other", Now.AddMinutes(-1));
        await tables.AddEventAsync("p", Now, eventId: id);
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString);

        await monitoring.RollUpAsync();

        Assert.Equal(1, await AcceptedAsync(monitoring));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RollUp_FirstCopyIsStoredLast_MovesTheEventToItsBucket(bool tellsItsTime)
    {
        using var tables = await TablesAsync();
        var first = Now.AddHours(-5);
        var id = await tables.AddEventAsync("p", Now, eventId: tellsItsTime ? Guid.CreateVersion7(first) : null);
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString);
        await monitoring.RollUpAsync();

        await tables.AddEventAsync("p", first, eventId: id);
        await monitoring.RollUpAsync();

        var filled = (await monitoring.ReadAsync("/api/monitoring/volume", "p")).GetProperty("points").EnumerateArray()
            .Single(point => point.GetProperty("accepted").GetInt32() > 0);
        Assert.InRange(first - filled.GetProperty("at").GetDateTimeOffset(), TimeSpan.Zero, TimeSpan.FromMinutes(15));
    }

    [Fact]
    public async Task RollUp_Redelivered_CountsOnce()
    {
        using var tables = await TablesAsync();
        var id = await tables.AddEventAsync("p", Now);
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString);
        await monitoring.RollUpAsync();

        await tables.AddEventAsync("p", Now, eventId: id);
        await monitoring.RollUpAsync();

        Assert.Equal(1, await AcceptedAsync(monitoring));
    }

    [Fact]
    public async Task RollUp_CopiesWereMergedAway_CountsTheSame()
    {
        using var tables = await TablesAsync();
        var id = await tables.AddEventAsync("p", Now);
        await tables.AddEventAsync("p", Now, eventId: id);
        await tables.AddEventAsync("p", Now.AddHours(-2), eventId: id);
        foreach (var table in (string[])["events", "receipts", "account_changes"])
            await tables.MergeAsync(table);
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString);

        await monitoring.RollUpAsync();

        Assert.Equal(1, await AcceptedAsync(monitoring));
    }

    [Fact]
    public async Task RollUp_AccountsWereMerged_CountsTheSame()
    {
        using var tables = await TablesAsync();
        await tables.AddEventAsync("p", Now);
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString);
        await monitoring.RollUpAsync();
        await tables.AddEventAsync("p", Now);
        await tables.AddEventAsync("p", Now.AddMinutes(-1));
        await monitoring.RollUpAsync();

        foreach (var table in (string[])["accounts", "event_duplicates", "account_changes"])
            await tables.MergeAsync(table);

        Assert.Equal(3, await AcceptedAsync(monitoring));
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

        Assert.Equal(0, (await monitoring.ReadAsync("/api/monitoring/event-types", "p")).GetProperty("event_types").GetArrayLength());
    }

    [Fact]
    public async Task RollUp_OneProjectCannotBeCounted_CountsTheOthersOfItsSlice()
    {
        using var tables = await TablesAsync();
        await tables.AddManyTypesAsync("large", Now, 100);
        await tables.AddEventAsync("p", Now);
        await using var monitoring = await MonitoringUnderTest.StartAsync($"{tables.ConnectionString};set_max_rows_to_group_by=50");

        await monitoring.RollUpAsync();

        Assert.Equal(1, await AcceptedAsync(monitoring));
    }

    [Fact]
    public async Task RollUp_ThousandsOfProjects_AreCountedByOnePass()
    {
        using var tables = await TablesAsync();
        await tables.AddManyProjectsAsync(Now, 3000);
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString);

        var isMore = await monitoring.Services.GetRequiredService<RollupWorker>().PassAsync(TestContext.Current.CancellationToken);

        Assert.Equal((false, 3000), (isMore, await tables.CountAsync("accounts FINAL", "arraySum(mapValues(receipts)) = 1")));
    }

    /// <summary>Such a row is what a table accepts unless the server is at fault.</summary>
    [Fact]
    public async Task RollUp_CountsOfTheCanary_BelongToNoProject()
    {
        using var tables = await TablesAsync();
        await tables.ExecuteAsync($"INSERT INTO received (minute, report_id, counts) SELECT now(), generateUUIDv4(), [('{Canary.ProjectId}', 'filler', 0, 0)]");
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString);

        await monitoring.RollUpAsync();

        Assert.Equal(0, await tables.CountAsync("accounts", "1"));
    }

    [Fact]
    public async Task RollUp_AllRowsWereVisible_CountsNothingAgain()
    {
        using var tables = await TablesAsync();
        await tables.AddEventAsync("p", Now);
        await tables.AddErrorAsync("p", Now, Severities.Error, Guid.NewGuid());
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString);

        await monitoring.RollUpAsync();

        Assert.Equal(0, await tables.CountAsync("(SELECT slice, sum(rows) AS rows, max(counted) AS counted FROM account_changes GROUP BY source, slice)", "counted != 2 * rows + (rows > 0)"));
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
    public async Task RollUp_ErrorInTheLastSecondOfItsSlice_CountsIt()
    {
        using var tables = await TablesAsync();
        await tables.AddErrorAsync("p", DateTimeOffset.FromUnixTimeSeconds(Now.ToUnixTimeSeconds() / 15 * 15).AddSeconds(-0.5), Severities.Error, Guid.NewGuid());
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString);

        await monitoring.RollUpAsync();

        Assert.Equal(1, (await monitoring.ReadAsync("/api/monitoring/volume", "p")).GetProperty("rejected").GetInt32());
    }

    [Fact]
    public async Task RollUp_MoreEventTypesThanAreNamed_CountsTheFurtherOnesTogether()
    {
        using var tables = await TablesAsync();
        await tables.AddManyTypesAsync("p", Now, 5);
        await tables.AddEventAsync("q", Now, eventType: "t");
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString, settings: ["--Rollups:MaxEventTypes=2"]);

        await monitoring.RollUpAsync();
        var types = await monitoring.ReadAsync("/api/monitoring/event-types", "p");
        var others = await monitoring.ReadAsync("/api/monitoring/event-types", "q");

        Assert.Equal(["(other) 3", "type_0 1", "type_1 1"], Counts(types));
        Assert.Contains("(other)", types.GetProperty("warning").GetString(), StringComparison.Ordinal);
        Assert.False(others.TryGetProperty("warning", out _));
    }

    [Fact]
    public async Task RollUp_FoldedTypesAgain_CountsNothingTwice()
    {
        using var tables = await TablesAsync();
        await tables.AddManyTypesAsync("p", Now, 5);
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString, settings: ["--Rollups:MaxEventTypes=2"]);
        await monitoring.RollUpAsync();

        await tables.AddManyTypesAsync("p", Now, 6);
        await monitoring.RollUpAsync();

        Assert.Equal(["(other) 7", "type_0 2", "type_1 2"], Counts(await monitoring.ReadAsync("/api/monitoring/event-types", "p")));
    }

    [Fact]
    public async Task RollUp_ErrorsThatStandForMore_CountsAllOfThem()
    {
        using var tables = await TablesAsync();
        var sums = Guid.NewGuid();
        await tables.AddErrorAsync("p", Now, Severities.Error, Guid.NewGuid());
        await tables.AddErrorAsync("p", Now, Severities.Error, sums, eventIndex: -1, occurrences: 500);
        await tables.AddErrorAsync("p", Now, Severities.Error, sums, eventIndex: -2, occurrences: 20, code: EventErrorCodes.Empty);
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString);

        await monitoring.RollUpAsync();

        Assert.Equal(521, (await monitoring.ReadAsync("/api/monitoring/volume", "p")).GetProperty("rejected").GetInt32());
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

    private static string[] Counts(JsonElement answer) =>
        [.. answer.GetProperty("event_types").EnumerateArray().Select(type => $"{type.GetProperty("event_type")} {type.GetProperty("count")}")];

    private static async Task<int> AcceptedAsync(MonitoringUnderTest monitoring) =>
        (await monitoring.ReadAsync("/api/monitoring/volume?window=7d", "p")).GetProperty("accepted").GetInt32();

    private Task<WarehouseTables> TablesAsync() => clickHouse.NewTablesAsync();
}

using SegOps.Standalone.Parts;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Monitoring;

/// <summary>With a ClickHouse of its own, since it takes it away.</summary>
public sealed class LiveOutageTests
{
    [Fact]
    public async Task Live_WarehouseRestarts_GoesOnInTheSameStream()
    {
        using var data = new TemporaryFolder();
        await using var clickHouse = await ClickHouseServer.StartAsync(data.Path, cancellationToken: TestContext.Current.CancellationToken);
        using var tables = await WarehouseTables.CreateAsync(clickHouse.ConnectionString);
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString, settings: MonitoringUnderTest.QuickProbes);
        await using var live = await LiveClient.OpenAsync(monitoring, "p");
        var before = await tables.AddEventAsync("p", TimeProvider.System.GetUtcNow());
        Assert.Equal(before, await live.NextIdAsync());

        await clickHouse.Server.StopAsync();
        await monitoring.WaitForStageAsync("analytics_warehouse", "down");
        await clickHouse.Server.StartAsync(TestContext.Current.CancellationToken);
        var after = await tables.AddEventAsync("p", TimeProvider.System.GetUtcNow());

        Assert.Equal(after, await live.NextIdAsync());
    }
}

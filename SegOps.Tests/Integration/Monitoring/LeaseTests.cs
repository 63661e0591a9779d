using Microsoft.Extensions.DependencyInjection;
using SegOps.Contracts;
using SegOps.ServiceDefaults.Redis;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Monitoring;

/// <summary>Work that one of several instances of Monitoring does, and who does it when that instance, or Redis, is gone.</summary>
public sealed class LeaseTests(ClickHouseFixture clickHouse) : IAsyncLifetime
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(2);
    private OwnRedis _redis = null!;
    private WarehouseTables _tables = null!;

    public async ValueTask InitializeAsync()
    {
        _redis = await OwnRedis.StartAsync();
        _tables = await clickHouse.NewTablesAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _tables.Dispose();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task Lease_TwoInstances_IsHeldByOne()
    {
        await using var monitoring = await StartAsync();
        var (one, other) = (Lease(monitoring, Long), Lease(monitoring, Long));

        Assert.Equal((true, false, true), (await one.HoldAsync(), await other.HoldAsync(), await one.HoldAsync()));
    }

    [Fact]
    public async Task Lease_HolderStops_IsTakenByTheOtherAtOnce()
    {
        await using var monitoring = await StartAsync();
        var (one, other) = (Lease(monitoring, Long), Lease(monitoring, Long));
        await one.HoldAsync();

        await one.ReleaseAsync(TestContext.Current.CancellationToken);

        Assert.True(await other.HoldAsync());
    }

    [Fact]
    public async Task Lease_HolderIsKilled_IsTakenByTheOtherWhenItExpires()
    {
        await using var monitoring = await StartAsync();
        var (killed, other) = (Lease(monitoring, Short), Lease(monitoring, Short));
        await killed.HoldAsync();

        await Eventually.IsAsync(true, other.HoldAsync);

        Assert.False(await killed.HoldAsync());
    }

    [Fact]
    public async Task Lease_RedisIsGone_IsHeldByNoInstance()
    {
        await using var monitoring = await StartAsync();
        var lease = Lease(monitoring, Long);
        await lease.HoldAsync();

        await _redis.StopAsync();

        await Assert.ThrowsAsync<RedisUnavailableException>(lease.HoldAsync);
    }

    [Fact]
    public async Task Accounts_AnotherInstanceHoldsTheLease_AreLeftToIt()
    {
        await HoldElsewhereAsync(Long);
        await using var monitoring = await StartAsync();
        await _tables.AddEventAsync("p", TimeProvider.System.GetUtcNow());

        await PassSomeTimeAsync(monitoring);

        Assert.Equal(0, await AcceptedAsync(monitoring));
    }

    [Fact]
    public async Task Accounts_HolderOfTheLeaseIsKilled_AreCountedByTheOther()
    {
        await HoldElsewhereAsync(Short);
        await using var monitoring = await StartAsync();
        await _tables.AddEventAsync("p", TimeProvider.System.GetUtcNow());

        await Eventually.IsAsync(1, () => AcceptedAsync(monitoring));
    }

    [Fact]
    public async Task Accounts_RedisIsGoneWhileAnotherHoldsTheLease_AreCountedNevertheless()
    {
        await HoldElsewhereAsync(Long);
        await using var monitoring = await StartAsync();
        await _tables.AddEventAsync("p", TimeProvider.System.GetUtcNow());

        await _redis.StopAsync();

        await Eventually.IsAsync(1, () => AcceptedAsync(monitoring));
    }

    [Fact]
    public async Task Accounts_TwoInstancesCountAtOnce_CountEachEventOnce()
    {
        await using var one = await StartAsync(Nowhere.Redis);
        await using var other = await StartAsync(Nowhere.Redis);
        for (var i = 0; i < 5; i++)
        {
            await _tables.AddEventAsync("p", TimeProvider.System.GetUtcNow());
            await Task.WhenAll(one.RollUpAsync(), other.RollUpAsync());
        }

        Assert.Equal((5, 5), (await AcceptedAsync(one), await AcceptedAsync(other)));
    }

    private Task<MonitoringUnderTest> StartAsync(string? redis = null) => MonitoringUnderTest.StartAsync(
        _tables.ConnectionString, redis: redis ?? _redis.ConnectionString,
        settings: [MonitoringUnderTest.QuickProbes, "--Rollups:Interval=00:00:00.1", "--Redis:Deadline=00:00:01", "--Redis:CommandTimeout=00:00:05"]);

    private static RedisLease Lease(MonitoringUnderTest monitoring, TimeSpan lasts) =>
        new(monitoring.Services.GetRequiredService<RedisConnection>(), "lease", lasts);

    /// <summary>Takes the lease of the accounts as an instance that does nothing more, because it is killed.</summary>
    private async Task HoldElsewhereAsync(TimeSpan lasts) => await _redis.ExecuteAsync("SET", RedisKeys.Rollups, "another instance", "PX", (long)lasts.TotalMilliseconds);

    /// <summary>Waits until Monitoring has done other work for at least a second, ten times the interval of the accounts.</summary>
    private static Task PassSomeTimeAsync(MonitoringUnderTest monitoring) => Eventually.IsAsync(true, async () =>
    {
        var stage = await monitoring.WaitForStageAsync("ingestor_worker", "down");
        return stage.GetProperty("checked_at").GetDateTimeOffset() - stage.GetProperty("since").GetDateTimeOffset() > TimeSpan.FromSeconds(1);
    });

    private static async Task<int> AcceptedAsync(MonitoringUnderTest monitoring) =>
        (await monitoring.ReadAsync("/api/monitoring/volume?window=7d", "p")).GetProperty("accepted").GetInt32();
}

using Microsoft.Extensions.Time.Testing;
using SegOps.Tests.Fixtures;
using SegOps.Tests.Integration.Ingestion.Quota;

namespace SegOps.Tests.Integration.Monitoring.Quota;

public sealed class ReconcilerOutageTests(ClickHouseFixture clickHouse)
{
    private static readonly DateTimeOffset Noon = new(2031, 5, 20, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Pass_RedisAway_ChangesNothingAndLaterPassesWork()
    {
        var project = Unique.Name("project_");
        var clock = new FakeTimeProvider(Noon);
        using var tables = await clickHouse.NewTablesAsync();
        using var stored = new StoredLive(tables.ConnectionString);
        await using var redis = await OwnRedis.StartAsync();
        await using var usage = await Usage.ConnectAsync(redis.ConnectionString);
        await using var reconciler = await ReconcilerUnderTest.StartAsync(redis.ConnectionString, tables.ConnectionString, clock);
        await usage.SetAsync(project, "2031-05", 10);
        await stored.AddAsync(project, 1, 7, Noon.AddHours(-1));
        await reconciler.PassAsync();
        clock.Advance(ReconcilerTests.Interval);
        await redis.StopAsync();

        await reconciler.PassAsync();
        await redis.StartAgainAsync();
        await usage.WaitForAsync(project, 10);

        // Its own connection comes back when it does; until then passes go on failing.
        await Eventually.IsAsync(7, async () =>
        {
            clock.Advance(ReconcilerTests.Interval);
            await reconciler.PassAsync();
            return await usage.ReadAsync(project);
        });
    }
}

using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Time.Testing;
using SegOps.Contracts;
using SegOps.Monitoring.Pipeline;
using SegOps.Tests.Fixtures;
using SegOps.Tests.Integration.Gateway;
using SegOps.Tests.Integration.Ingestion.Quota;

namespace SegOps.Tests.Integration.Monitoring.Quota;

/// <summary>In all of these, ten events were reserved in Redis's figure unless they say otherwise.</summary>
public sealed class ReconcilerTests(RedisFixture redis, ClickHouseFixture clickHouse) : IAsyncLifetime
{
    internal static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);
    private static readonly DateTimeOffset Noon = new(2031, 5, 20, 12, 0, 0, TimeSpan.Zero);
    private const string May = "2031-05";

    private readonly string _project = Unique.Name("project_");
    private readonly FakeTimeProvider _clock = new(Noon);
    private WarehouseTables _tables = null!;
    private StoredLive _stored = null!;
    private Usage _usage = null!;
    private ReconcilerUnderTest _reconciler = null!;

    public async ValueTask InitializeAsync()
    {
        _tables = await clickHouse.NewTablesAsync();
        _stored = new StoredLive(_tables.ConnectionString);
        _usage = await Usage.ConnectAsync(await redis.ConnectionStringAsync());
        _reconciler = await StartAsync();
        await _usage.SetAsync(_project, May, 10);
    }

    public async ValueTask DisposeAsync()
    {
        await _reconciler.DisposeAsync();
        await _usage.DisposeAsync();
        _stored.Dispose();
        _tables.Dispose();
    }

    [Fact]
    public async Task Pass_FewerStoredThanReserved_Lowers()
    {
        await _stored.AddAsync(_project, 1, 7, Noon.AddDays(-3));

        await TwoPassesAsync();

        Assert.Equal(7, await _usage.ReadAsync(_project));
    }

    [Fact]
    public async Task Pass_NothingStoredOfAProjectThatRedisKnows_LowersToNothing()
    {
        var (_, known) = await KeyIssuer.IssueAsync(await redis.ConnectionStringAsync());
        await _usage.ListAsync(known);
        await _usage.SetAsync(known, May, 10);

        await TwoPassesAsync();

        Assert.Equal(0, await _usage.ReadAsync(known));
    }

    [Fact]
    public async Task Pass_EventsStoredTwice_CountOnce()
    {
        await _stored.AddAsync(_project, 1, 8, Noon.AddHours(-2));
        await _stored.AddAsync(_project, 1, 2, Noon.AddHours(-1));

        await TwoPassesAsync();

        Assert.Equal(8, await _usage.ReadAsync(_project));
    }

    [Fact]
    public async Task Pass_ReservedSinceTheSnapshot_StaysReserved()
    {
        await _stored.AddAsync(_project, 1, 7, Noon.AddHours(-1));
        await _reconciler.PassAsync();
        await _usage.SetAsync(_project, May, 15);

        await NextPassAsync();

        Assert.Equal(12, await _usage.ReadAsync(_project));
    }

    [Fact]
    public async Task Pass_SnapshotYoungerThanTheInterval_ChangesNothing()
    {
        await _stored.AddAsync(_project, 1, 7, Noon.AddHours(-1));
        await _reconciler.PassAsync();
        _clock.Advance(Interval - TimeSpan.FromSeconds(1));

        await _reconciler.PassAsync();

        Assert.Equal(10, await _usage.ReadAsync(_project));
    }

    [Fact]
    public async Task Pass_CorrectedBefore_DoesNotCorrectAgain()
    {
        await _stored.AddAsync(_project, 1, 7, Noon.AddHours(-1));
        await TwoPassesAsync();

        await NextPassAsync();
        await NextPassAsync();

        Assert.Equal(7, await _usage.ReadAsync(_project));
    }

    [Fact]
    public async Task Pass_RightBeforeAndLeakedSince_Lowers()
    {
        await _stored.AddAsync(_project, 1, 10, Noon.AddDays(-5));
        await TwoPassesAsync();
        await _usage.SetAsync(_project, May, 13);

        await NextPassAsync();
        await NextPassAsync();

        Assert.Equal(10, await _usage.ReadAsync(_project));
    }

    [Fact]
    public async Task Pass_StageFailedSinceTheSnapshot_DoesNotLower()
    {
        await _stored.AddAsync(_project, 1, 7, Noon.AddHours(-1));
        await _reconciler.PassAsync();
        await _reconciler.SetStageAsync(new StageResult(StageState.Down, "It broke."), _clock);
        await _reconciler.SetStageAsync(StageResult.Ok, _clock);

        await NextPassAsync();
        Assert.Equal(10, await _usage.ReadAsync(_project));

        await NextPassAsync();
        Assert.Equal(7, await _usage.ReadAsync(_project)); // it has worked for a whole interval by then
    }

    [Fact]
    public async Task Pass_EventsOfAnyProjectWereStoredLate_DoesNotLower()
    {
        await _stored.AddAsync(_project, 1, 7, Noon.AddHours(-1));
        await _reconciler.PassAsync();
        await _stored.AddAsync(Unique.Name("project_"), 1, 1, Noon.AddMinutes(-1));
        await _stored.StoredAtAsync(Noon.AddMinutes(-1), Noon.AddMinutes(5));

        await NextPassAsync();
        Assert.Equal(10, await _usage.ReadAsync(_project));

        await NextPassAsync();
        Assert.Equal(7, await _usage.ReadAsync(_project)); // nothing was late since
    }

    [Fact]
    public async Task Pass_StoredLateOnADayLongPast_Raises()
    {
        await _stored.AddAsync(_project, 1, 10, Noon.AddDays(-10));
        await TwoPassesAsync();
        await _stored.AddAsync(_project, 11, 12, Noon.AddDays(-10));

        await NextPassAsync();

        Assert.Equal(12, await _usage.ReadAsync(_project));
    }

    [Fact]
    public async Task Pass_RedisWasEmptied_RaisesByWhatWasStoredBefore()
    {
        var unknown = Unique.Name("project_");
        await _stored.AddAsync(unknown, 1, 7, Noon.AddDays(-9));
        await _stored.AddAsync(unknown, 8, 9, Noon.AddHours(-1));

        await TwoPassesAsync();

        Assert.Equal(9, await _usage.ReadAsync(unknown));
    }

    [Theory]
    [InlineData(-170, 8)] // received before the snapshot, though perhaps reserved after it
    [InlineData(50, 10)] // received after it by another machine's clock
    public async Task Pass_DifferenceMayBeInFlight_ChangesNothing(int receivedAfterSnapshot, int counted)
    {
        await _usage.SetAsync(_project, May, counted);
        await _stored.AddAsync(_project, 1, 8, Noon.AddHours(-1));
        await _stored.AddAsync(_project, 9, 10, Noon.AddSeconds(receivedAfterSnapshot));

        await TwoPassesAsync();

        Assert.Equal(counted, await _usage.ReadAsync(_project));
    }

    [Fact]
    public async Task Pass_TestEvents_DoNotCount()
    {
        await _stored.AddAsync(_project, 1, 7, Noon.AddHours(-1));
        await _stored.AddAsync(_project, 8, 20, Noon.AddHours(-1), environment: Environments.Test);

        await TwoPassesAsync();

        Assert.Equal(7, await _usage.ReadAsync(_project));
    }

    [Fact]
    public async Task Pass_TwoInstances_CorrectOnce()
    {
        await _stored.AddAsync(_project, 1, 7, Noon.AddHours(-1));
        await using var other = await StartAsync();
        await Task.WhenAll(_reconciler.PassAsync(), other.PassAsync());
        _clock.Advance(Interval);

        await Task.WhenAll(_reconciler.PassAsync(), other.PassAsync());

        Assert.Equal(7, await _usage.ReadAsync(_project));
    }

    [Fact]
    public async Task Pass_InstanceThatCorrectedStopped_AnotherTakesOver()
    {
        await _stored.AddAsync(_project, 1, 7, Noon.AddHours(-1));
        await using (var first = await StartAsync())
            await first.PassAsync();
        await TwoPassesAsync();

        Assert.Equal(7, await _usage.ReadAsync(_project));
    }

    [Fact]
    public async Task Pass_FirstDayOfTheMonth_SetsBothMonthsRightByWhenEventsWereReceived()
    {
        var june = new DateTimeOffset(2031, 6, 1, 0, 0, 0, TimeSpan.Zero);
        _clock.SetUtcNow(june.AddHours(1));
        await _usage.SetAsync(_project, "2031-06", 10);
        await _stored.AddAsync(_project, 1, 7, june.AddTicks(-TimeSpan.TicksPerMillisecond));
        await _stored.AddAsync(_project, 8, 10, june);

        await TwoPassesAsync();

        Assert.Equal((7, 3), (await _usage.ReadAsync(_project, May), await _usage.ReadAsync(_project, "2031-06")));
    }

    [Fact]
    public async Task Pass_SecondDayOfTheMonth_LeavesTheMonthBeforeAlone()
    {
        _clock.SetUtcNow(new DateTimeOffset(2031, 6, 2, 0, 0, 0, TimeSpan.Zero));
        await _usage.SetAsync(_project, "2031-06", 10);
        await _stored.AddAsync(_project, 1, 7, Noon);
        await _stored.AddAsync(_project, 8, 10, _clock.GetUtcNow().AddHours(-1));

        await TwoPassesAsync();

        Assert.Equal((10, 3), (await _usage.ReadAsync(_project, May), await _usage.ReadAsync(_project, "2031-06")));
    }

    [Fact]
    public async Task Pass_Corrects_CountsTheEventsByDirection()
    {
        using var corrected = new MetricCollector<long>(_reconciler.Meters, "SegOps.Monitoring", "segops.quota.corrected_events");
        await _stored.AddAsync(_project, 1, 7, Noon.AddHours(-1));
        await _stored.AddAsync(Unique.Name("project_"), 1, 5, Noon.AddHours(-1));

        await TwoPassesAsync();

        Assert.Equal(
            ["lowered 3", "raised 5"],
            corrected.GetMeasurementSnapshot().Select(measurement => $"{measurement.Tags["direction"]} {measurement.Value}").Order());
    }

    [Fact]
    public async Task Pass_WarehouseAway_ChangesNothingAndLaterPassesWork()
    {
        await _stored.AddAsync(_project, 1, 7, Noon.AddHours(-1));
        await _reconciler.PassAsync();
        await _stored.RunAsync("DETACH TABLE accounts");

        await NextPassAsync();
        Assert.Equal(10, await _usage.ReadAsync(_project));

        await _stored.RunAsync("ATTACH TABLE accounts");
        await NextPassAsync();
        await NextPassAsync();
        Assert.Equal(7, await _usage.ReadAsync(_project));
    }

    private async Task TwoPassesAsync()
    {
        await _reconciler.PassAsync();
        await NextPassAsync();
    }

    private Task NextPassAsync()
    {
        _clock.Advance(Interval);
        return _reconciler.PassAsync();
    }

    private async Task<ReconcilerUnderTest> StartAsync() =>
        await ReconcilerUnderTest.StartAsync(await redis.ConnectionStringAsync(), _tables.ConnectionString, _clock);
}

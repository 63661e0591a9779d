using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using SegOps.Segments.Membership;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Segments.Membership;

/// <summary>The nightly comparison, segments that fail, and what operators see of it.</summary>
public sealed class ComparisonTests(ClickHouseFixture clickHouse) : MembershipTestBase(clickHouse)
{
    [Fact]
    public async Task Compare_RowsWereDamaged_RepairsAndReportsThem()
    {
        await SetPlanAsync("user-1", "starter");
        var (instance, segment) = await StartAsync();
        using var drift = new MetricCollector<long>(instance.Meters, MembershipTelemetry.Meter, "segops.segments.drift");
        var before = await instance.NowAsync(segment);
        await DamageAsync(segment, "user-1");

        Clock.Advance(TimeSpan.FromDays(1));
        await instance.SettleAsync();

        Assert.Equal(["user-1"], await instance.MembersAsync(segment));
        Assert.Equal(["+user-1 repair"], await instance.ChangesAsync(segment, before));
        Assert.Equal([1], drift.GetMeasurementSnapshot().Select(measurement => measurement.Value));
        Assert.Equal("drift", await HealthAsync(instance));

        Clock.Advance(TimeSpan.FromDays(1));
        await instance.SettleAsync();

        Assert.Equal("leads", await HealthAsync(instance)); // This comparison found nothing.
    }

    [Fact]
    public async Task Compare_UserChangesMeanwhile_IsNoDrift()
    {
        await SetPlanAsync("user-1", "starter");
        var (instance, segment) = await StartAsync();
        var before = await instance.NowAsync(segment);
        await SetPlanAsync("user-1", "pro");
        await instance.Worker.CompareAllAsync(TestContext.Current.CancellationToken);

        await instance.SettleAsync();

        Assert.Equal(["-user-1 data"], await instance.ChangesAsync(segment, before));
        Assert.Equal("leads", await HealthAsync(instance));
    }

    [Fact]
    public async Task Health_InstanceThatFollows_IsHealthy()
    {
        var (_, _) = await StartAsync();
        var other = Start();
        await other.RoundAsync();
        Clock.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal("follows", await HealthAsync(other));
    }

    [Fact]
    public async Task Health_RoundsFail_IsDegradedAfterHalfAMinute()
    {
        var (instance, segment) = await StartAsync();
        await Tables.ExecuteAsync("DETACH TABLE user_changes");
        await instance.RoundAsync();
        Clock.Advance(TimeSpan.FromSeconds(31));
        await instance.RoundAsync();

        Assert.Equal("behind", await HealthAsync(instance));
        Assert.Equal("stale", (await instance.StatusAsync(segment))!.State);

        await Tables.ExecuteAsync("ATTACH TABLE user_changes");
        await instance.SettleAsync();
        Assert.Equal("leads", await HealthAsync(instance));
    }

    [Fact]
    public async Task Round_OneSegmentFails_OthersGoOnAndItSaysWhy()
    {
        await SetPlanAsync("user-1", "starter");
        var (instance, segment) = await StartAsync();
        var failing = Definitions.Save("""{"type":"segment","segment_id":"00000000-0000-0000-0000-000000000001"}""");
        await instance.SettleAsync();
        await SetPlanAsync("user-2", "starter");
        await instance.SettleAsync();

        Assert.Equal(["user-1", "user-2"], await instance.MembersAsync(segment));
        Assert.Equal(("stale", "invalid_rule"), await instance.StatusAsync(failing) is { } status ? (status.State, status.Failure) : default);
        Assert.Equal("failing", await HealthAsync(instance));

        Definitions.Save(Starter, failing);
        await instance.SettleAsync();

        Assert.Equal(["user-1", "user-2"], await instance.MembersAsync(failing));
        Assert.Equal("leads", await HealthAsync(instance));
    }

    private static async Task<string> HealthAsync(MembershipUnderTest instance)
    {
        var result = await instance.Telemetry.CheckHealthAsync(new(), TestContext.Current.CancellationToken);
        Assert.Equal(result.Data["state"] is "leads" or "follows" ? HealthStatus.Healthy : HealthStatus.Degraded, result.Status);
        return (string)result.Data["state"];
    }

    private async Task<(MembershipUnderTest Instance, Guid Segment)> StartAsync()
    {
        var instance = Start();
        var segment = Definitions.Save(Starter);
        await instance.SettleAsync();
        return (instance, segment);
    }

    /// <summary>Removes a member as no pass does.</summary>
    private async Task DamageAsync(Guid segment, string user)
    {
        foreach (var table in (string[])["segment_members", "user_segments"])
            await Tables.ExecuteAsync(
                $"""
                INSERT INTO {table} (project_id, environment, segment_id, user_id, generation, pass, at)
                SELECT project_id, environment, segment_id, user_id, generation + 1, pass, at FROM segment_members FINAL WHERE segment_id = '{segment}' AND user_id = '{user}'
                """);
    }
}

using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Monitoring.Audit;

/// <summary>What all projects miss together, and whom that is told.</summary>
public sealed class EventAuditAlarmTests(ClickHouseFixture clickHouse)
{
    private static readonly TimeSpan Settled = TimeSpan.FromMinutes(7);

    [Fact]
    public async Task Health_NothingMissing_IsHealthy()
    {
        await using var audit = await EventAuditUnderTest.StartAsync(clickHouse);
        await audit.CountAsync("p", accepted: 1);
        await audit.Tables.AddEventAsync("p", audit.Now);

        await audit.PassAsync(Settled);

        var health = await audit.HealthAsync();
        Assert.Equal(("healthy", "balanced"), (health.GetProperty("status").GetString(), health.GetProperty("state").GetString()));
    }

    [Fact]
    public async Task Health_EventsOfTwoProjectsMissing_IsDegradedAndTellsHowMany()
    {
        await using var audit = await EventAuditUnderTest.StartAsync(clickHouse);
        await audit.CountAsync("p", accepted: 2);
        await audit.CountAsync("q", accepted: 3);

        await audit.PassAsync(Settled);

        var health = await audit.HealthAsync();
        Assert.Equal(("degraded", "missing"), (health.GetProperty("status").GetString(), health.GetProperty("state").GetString()));
        Assert.StartsWith("5 accepted events of 2 projects are missing.", health.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.True(health.TryGetProperty("since", out _));
    }

    [Fact]
    public async Task Gauge_EventsMissing_IsTheirNumber()
    {
        await using var audit = await EventAuditUnderTest.StartAsync(clickHouse);
        using var missing = new MetricCollector<long>(
            audit.Monitoring.Services.GetRequiredService<IMeterFactory>(), "SegOps.Monitoring", "segops.ledger.missing");
        await audit.CountAsync("p", accepted: 2);

        await audit.PassAsync(Settled);

        missing.RecordObservableInstruments();
        Assert.Equal(2, missing.LastMeasurement!.Value);
    }

    [Fact]
    public async Task Health_MissingEventsAreStoredAfterAll_IsHealthyAgain()
    {
        await using var audit = await EventAuditUnderTest.StartAsync(clickHouse);
        await audit.CountAsync("p", accepted: 1);
        await audit.PassAsync(Settled);
        var before = (await audit.HealthAsync()).GetProperty("state").GetString();

        await audit.Tables.AddEventAsync("p", audit.Now);
        await audit.PassAsync(TimeSpan.FromMinutes(1));
        await audit.PassAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(("missing", "balanced"), (before, (await audit.HealthAsync()).GetProperty("state").GetString()));
    }

    [Fact]
    public async Task Health_OneProjectCannotBeCounted_NamesIt()
    {
        await using var audit = await StartWithALargeProjectAsync();

        await audit.PassAsync(Settled);

        var health = await audit.HealthAsync();
        Assert.Equal(("degraded", "uncounted"), (health.GetProperty("status").GetString(), health.GetProperty("state").GetString()));
        Assert.StartsWith("What was received of large live at ", health.GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_OneProjectCannotBeCounted_ReportsWhatOthersMiss()
    {
        await using var audit = await StartWithALargeProjectAsync();
        await audit.CountAsync("p", accepted: 2);

        await audit.PassAsync(Settled);

        Assert.StartsWith("2 accepted events of 1 projects are missing.", (await audit.HealthAsync()).GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_MissingBeforeTheStart_IsFound()
    {
        await using var audit = await EventAuditUnderTest.StartAsync(clickHouse);
        await audit.CountAsync("p", accepted: 3, at: audit.Now.AddHours(-20));

        await audit.PassAsync(Settled);

        Assert.StartsWith("3 accepted events of 1 projects are missing.", (await audit.HealthAsync()).GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_WarehouseDoesNotAnswer_SaysThatTheAlarmCannotFire()
    {
        await using var audit = await EventAuditUnderTest.StartAsync(clickHouse);
        await audit.PassAsync(Settled);
        await audit.Tables.ExecuteAsync("DETACH TABLE account_changes");

        await audit.PassAsync(2 * Settled);
        var health = await audit.HealthAsync();
        await audit.Tables.ExecuteAsync("ATTACH TABLE account_changes");

        Assert.Equal(("degraded", "unknown"), (health.GetProperty("status").GetString(), health.GetProperty("state").GetString()));
    }

    private async Task<EventAuditUnderTest> StartWithALargeProjectAsync()
    {
        var audit = await EventAuditUnderTest.StartAsync(clickHouse, ";set_max_rows_to_group_by=50");
        await audit.Tables.AddManyTypesAsync("large", audit.Now, 100);
        return audit;
    }
}

using System.Net;
using Microsoft.AspNetCore.Http;
using SegOps.Tests.Fixtures;
using SegOps.Tests.Integration.Gateway;

namespace SegOps.Tests.Integration.Monitoring;

public sealed class PipelineHealthTests(ClickHouseFixture clickHouse, PubSubEmulatorFixture pubSub)
{
    private const string EventStream = "event_stream";
    private const string Ingestor = "ingestor_worker";
    private const string Warehouse = "analytics_warehouse";

    [Fact]
    public async Task Health_EverythingAway_SaysDownForEachWithAReasonFreeOfAddressesAndSecrets()
    {
        await using var monitoring = await MonitoringUnderTest.StartAsync(MonitoringUnderTest.NoWarehouse, settings: MonitoringUnderTest.QuickProbes);

        foreach (var name in (string[])[EventStream, Ingestor, Warehouse])
        {
            var stage = await monitoring.WaitForStageAsync(name, "down");
            var reason = stage.GetProperty("reason").GetString()!;
            Assert.NotEmpty(reason);
            Assert.DoesNotContain("127.0.0.1", reason, StringComparison.Ordinal);
            Assert.DoesNotContain("the-password", reason, StringComparison.Ordinal);
        }
        Assert.Equal("down", (await monitoring.ReadAsync("/api/monitoring/health", "p")).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Health_StagesDown_LeavesMonitoringItselfReady()
    {
        await using var monitoring = await MonitoringUnderTest.StartAsync(MonitoringUnderTest.NoWarehouse, settings: MonitoringUnderTest.QuickProbes);
        await monitoring.WaitForStageAsync(Warehouse, "down");

        var (status, body) = await monitoring.ProbeAsync("/health");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("degraded", body.GetProperty("checks").GetProperty(Warehouse).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Health_StageStaysInItsState_KeepsSince()
    {
        await using var monitoring = await MonitoringUnderTest.StartAsync(MonitoringUnderTest.NoWarehouse, settings: MonitoringUnderTest.QuickProbes);
        var first = await monitoring.WaitForStageAsync(Ingestor, "down");

        var later = first;
        while (later.GetProperty("checked_at").GetDateTimeOffset() == first.GetProperty("checked_at").GetDateTimeOffset())
            later = await monitoring.WaitForStageAsync(Ingestor, "down");

        Assert.Equal(first.GetProperty("since").GetDateTimeOffset(), later.GetProperty("since").GetDateTimeOffset());
    }

    [Theory]
    [InlineData(200, "healthy", "ok")]
    [InlineData(200, "degraded", "degraded")]
    [InlineData(503, "unhealthy", "down")]
    public async Task Health_OfTheIngestor_IsWhatItSays(int status, string says, string expected)
    {
        await using var ingestor = await UpstreamServer.StartAsync(context => AnswerAsync(context, status, says));
        await using var monitoring = await MonitoringUnderTest.StartAsync(MonitoringUnderTest.NoWarehouse, ingestor: ingestor.Url, settings: MonitoringUnderTest.QuickProbes);

        var stage = await monitoring.WaitForStageAsync(Ingestor, expected);

        Assert.Equal(says == "healthy" ? null : "It waits for the warehouse.", stage.TryGetProperty("reason", out var reason) ? reason.GetString() : null);
        Assert.Equal("/health", ingestor.Requests.First().Target);
    }

    [Fact]
    public async Task Health_IngestorComesBack_IsOkSinceThen()
    {
        var says = "unhealthy";
        await using var ingestor = await UpstreamServer.StartAsync(context => AnswerAsync(context, 200, Volatile.Read(ref says)));
        await using var monitoring = await MonitoringUnderTest.StartAsync(MonitoringUnderTest.NoWarehouse, ingestor: ingestor.Url, settings: MonitoringUnderTest.QuickProbes);
        var down = await monitoring.WaitForStageAsync(Ingestor, "down");

        Volatile.Write(ref says, "healthy");
        var ok = await monitoring.WaitForStageAsync(Ingestor, "ok");

        Assert.True(ok.GetProperty("since").GetDateTimeOffset() > down.GetProperty("since").GetDateTimeOffset());
    }

    [Fact]
    public async Task Health_IngestorHangs_LeavesTheOtherStagesChecked()
    {
        await using var ingestor = await UpstreamServer.StartAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        await using var monitoring = await MonitoringUnderTest.StartAsync(MonitoringUnderTest.NoWarehouse, ingestor: ingestor.Url, settings: MonitoringUnderTest.QuickProbes);

        await monitoring.WaitForStageAsync(Warehouse, "down");
        await monitoring.WaitForStageAsync(EventStream, "down");
        await monitoring.WaitForStageAsync(Ingestor, "down");
    }

    [Fact]
    public async Task Health_WarehouseWithoutTables_IsDegraded()
    {
        await using var monitoring = await MonitoringUnderTest.StartAsync(await clickHouse.NewDatabaseAsync(), settings: MonitoringUnderTest.QuickProbes);

        var stage = await monitoring.WaitForStageAsync(Warehouse, "degraded");

        Assert.Contains("table", stage.GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_WarehouseWithTables_IsOk()
    {
        using var tables = await clickHouse.NewTablesAsync();
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString, settings: MonitoringUnderTest.QuickProbes);

        var stage = await monitoring.WaitForStageAsync(Warehouse, "ok");

        Assert.False(stage.TryGetProperty("reason", out _));
    }

    [Fact]
    public async Task Health_PubSubThere_IsOk()
    {
        await using var monitoring = await MonitoringUnderTest.StartAsync(MonitoringUnderTest.NoWarehouse, pubsub: await pubSub.NewProjectAsync(), settings: MonitoringUnderTest.QuickProbes);

        await monitoring.WaitForStageAsync(EventStream, "ok");
    }

    private static Task AnswerAsync(HttpContext context, int status, string says)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        var reason = says == "healthy" ? "" : ",\"reason\":\"It waits for the warehouse.\"";
        return context.Response.WriteAsync("{\"status\":\"" + says + "\",\"checks\":{\"worker\":{\"status\":\"" + says + "\"" + reason + "}}}");
    }
}

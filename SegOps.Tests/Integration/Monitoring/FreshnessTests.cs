using System.Text.Json;
using Microsoft.AspNetCore.Http;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;
using SegOps.Tests.Integration.Gateway;
using SegOps.Tests.Integration.Ingestion;
using SegOps.Tests.Integration.Ingestor;

namespace SegOps.Tests.Integration.Monitoring;

public sealed class FreshnessTests(ClickHouseFixture clickHouse, PubSubEmulatorFixture pubSub)
{
    private const string Path = "/api/monitoring/freshness";

    [Fact]
    public async Task Freshness_WholePathThere_IsMeasuredByCanaries()
    {
        var (stream, warehouse) = (await pubSub.NewProjectAsync(), await clickHouse.NewDatabaseAsync());
        await using var ingestion = await IngestionUnderTest.StartAsync(stream);
        await using var ingestor = await IngestorHost.StartAsync(stream, warehouse);
        await ingestor.RunningAsync();
        await using var monitoring = await MonitoringUnderTest.StartAsync(
            warehouse, pubsub: stream, ingestion: ingestion.Client.BaseAddress!.ToString(), settings: MonitoringUnderTest.QuickProbes);

        await UntilAsync(monitoring, freshness => freshness.GetProperty("samples").GetInt32() >= 3);

        var freshness = await monitoring.ReadAsync(Path, "p");
        Assert.Equal(300, freshness.GetProperty("window_seconds").GetInt32());
        Assert.InRange(freshness.GetProperty("p50_ms").GetDouble(), 1, freshness.GetProperty("p99_ms").GetDouble());
        Assert.True(freshness.TryGetProperty("last_at", out _));
        Assert.Equal($"{Canary.ProjectId} test", await ingestor.AskAsync("SELECT DISTINCT concat(project_id, ' ', environment) FROM events"));
    }

    [Fact]
    public async Task Freshness_NothingComesOut_TellsTheLag()
    {
        using var tables = await clickHouse.NewTablesAsync();
        await using var ingestion = await UpstreamServer.StartAsync(AcceptAsync);
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString, ingestion: ingestion.Url, settings: MonitoringUnderTest.QuickProbes);

        await UntilAsync(monitoring, freshness => freshness.GetProperty("lag_ms").GetDouble() > 500);

        Assert.Equal(0, (await monitoring.ReadAsync(Path, "p")).GetProperty("samples").GetInt32());
    }

    [Fact]
    public async Task Freshness_NothingComesOutThoughAllStagesWork_DegradesTheStream()
    {
        using var tables = await clickHouse.NewTablesAsync();
        await using var ingestion = await UpstreamServer.StartAsync(AcceptAsync);
        await using var ingestor = await UpstreamServer.StartAsync(context =>
        {
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync("""{"status":"healthy","checks":{}}""");
        });
        await using var monitoring = await MonitoringUnderTest.StartAsync(
            tables.ConnectionString, null, ingestor.Url, await pubSub.NewProjectAsync(), ingestion.Url, settings: [MonitoringUnderTest.QuickProbes, "--Pipeline:MaxBacklogAge=00:00:01"]);

        JsonElement stage = default;
        await Eventually.IsAsync(true, async () =>
        {
            stage = await monitoring.WaitForStageAsync("event_stream", "degraded");
            return stage.GetProperty("reason").GetString()!.StartsWith("It has held events for", StringComparison.Ordinal);
        });

        Assert.True(stage.GetProperty("backlog").GetProperty("oldest_seconds").GetDouble() > 1);
    }

    [Fact]
    public async Task Freshness_IngestionRefuses_HasNeitherSamplesNorLag()
    {
        using var tables = await clickHouse.NewTablesAsync();
        await using var ingestion = await UpstreamServer.StartAsync(context =>
        {
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        });
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString, ingestion: ingestion.Url, settings: MonitoringUnderTest.QuickProbes);

        await Eventually.TrueAsync(() => Sent(ingestion).Count() >= 3, () => "No canary was sent after a refusal.");

        var freshness = await monitoring.ReadAsync(Path, "p");
        Assert.Equal((0, 0), (freshness.GetProperty("samples").GetInt32(), freshness.GetProperty("lag_ms").GetDouble()));
        Assert.False(freshness.TryGetProperty("p50_ms", out _));
    }

    [Fact]
    public async Task Canary_Sent_ComesAsTheGatewaySendsAndOutsideAnyTrace()
    {
        using var tables = await clickHouse.NewTablesAsync();
        await using var ingestion = await UpstreamServer.StartAsync(AcceptAsync);
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString, ingestion: ingestion.Url, settings: MonitoringUnderTest.QuickProbes);

        await Eventually.TrueAsync(() => Sent(ingestion).Any(), () => "No canary was sent.");

        var (target, headers) = Sent(ingestion).First();
        Assert.Equal("/api/ingestion/track/", target);
        Assert.Equal(MonitoringUnderTest.Secret, headers[InternalHeaders.Secret]);
        Assert.Equal(Canary.ProjectId, headers[InternalHeaders.Project]);
        Assert.Equal(Environments.Test, headers[InternalHeaders.Environment]);
        Assert.Matches("^00-[0-9a-f]{32}-[0-9a-f]{16}-00$", headers["traceparent"]);
    }

    [Fact]
    public async Task Canary_WarehouseAwayForAWhile_IsSeenAfterwards()
    {
        var warehouse = await clickHouse.NewDatabaseAsync();
        await using var ingestion = await UpstreamServer.StartAsync(AcceptAsync);
        await using var monitoring = await MonitoringUnderTest.StartAsync(warehouse, ingestion: ingestion.Url, settings: MonitoringUnderTest.QuickProbes);
        await UntilAsync(monitoring, freshness => freshness.GetProperty("lag_ms").GetDouble() > 500);

        using var tables = await WarehouseTables.CreateAsync(warehouse);
        var inFlight = (SegOps.Monitoring.Freshness.Canaries)monitoring.Services.GetService(typeof(SegOps.Monitoring.Freshness.Canaries))!;
        var canary = inFlight.InFlight[0];
        await tables.AddEventAsync(Canary.ProjectId, canary.OccurredAt, Environments.Test, Canary.UserId, Canary.EventType, eventId: canary.EventId);

        await UntilAsync(monitoring, freshness => freshness.GetProperty("samples").GetInt32() == 1);
    }

    /// <summary>What Ingestion was sent, without the checks of its health.</summary>
    private static IEnumerable<UpstreamServer.Request> Sent(UpstreamServer ingestion) => ingestion.Requests.Where(request => request.Target != "/health");

    private static Task AcceptAsync(HttpContext context)
    {
        context.Response.StatusCode = 202;
        return Task.CompletedTask;
    }

    private static Task UntilAsync(MonitoringUnderTest monitoring, Func<JsonElement, bool> condition) =>
        Eventually.IsAsync(true, async () => condition(await monitoring.ReadAsync(Path, "p")));
}

using System.Globalization;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using SegOps.Contracts;
using SegOps.ServiceDefaults.Redis;
using SegOps.Tests.Fixtures;
using SegOps.Tests.Integration.Gateway;
using SegOps.Tests.Integration.Ingestion;
using SegOps.Tests.Integration.Ingestion.Audit;
using SegOps.Tests.Integration.Ingestion.Quota;
using SegOps.Tests.Integration.Monitoring;
using SegOps.Tests.Integration.Monitoring.Quota;
using SegOps.Tests.Integration.PubSub;
using SegOps.Tests.Integration.Segments;

namespace SegOps.Tests.Integration.ServiceDefaults;

/// <summary>Everything that uses Redis, on a Redis Cluster. Each test takes several projects, whose keys lie on all nodes.</summary>
public sealed class RedisClusterTests(RedisCluster cluster, ClickHouseFixture clickHouse) : IClassFixture<RedisCluster>
{
    private readonly string[] _projects = [.. Enumerable.Range(0, 9).Select(_ => Unique.Name("project_"))];

    [Fact]
    public async Task Key_OnACluster_IsFoundAndItsCallsAreLimited()
    {
        await using var upstream = await UpstreamServer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(cluster.ConnectionString, upstream.Url, null, "--Plans:Free:CallsPerMinute=1");

        for (var i = 0; i < _projects.Length; i++)
        {
            var (key, _) = await KeyIssuer.IssueAsync(cluster.ConnectionString);
            using var first = await gateway.SendAsync(key);
            using var second = await gateway.SendAsync(key);
            Assert.Equal((HttpStatusCode.OK, HttpStatusCode.TooManyRequests), (first.StatusCode, second.StatusCode));
        }
    }

    [Fact]
    public async Task Quota_OnACluster_IsReservedUpToItsLimit()
    {
        await using var usage = await Usage.ConnectAsync(cluster.ConnectionString);
        await using var stream = await FakePubSub.StartAsync();
        await using var ingestion = await StartIngestionAsync(stream);

        foreach (var project in _projects)
        {
            await IngestionUnderTest.AssertAcceptedAsync(await QuotaTests.SendAsync(ingestion, project, 3, limit: 5));
            await IngestionUnderTest.AssertProblemAsync(HttpStatusCode.TooManyRequests, ErrorCodes.QuotaExceeded, await QuotaTests.SendAsync(ingestion, project, 3, limit: 5));
            Assert.Equal(3, await usage.ReadAsync(project));
        }
    }

    [Fact]
    public async Task Audit_WithACluster_IsToldOfEveryAnswer()
    {
        await using var stream = await FakePubSub.StartAsync();
        await using var ingestion = await StartIngestionAsync(stream);

        foreach (var project in _projects)
        {
            await IngestionUnderTest.AssertAcceptedAsync(await QuotaTests.SendAsync(ingestion, project, 3, limit: 5));
            await new Received(stream).WaitForAsync(project, 3, 0);
        }
    }

    [Fact]
    public async Task InFlightEvent_OnACluster_IsFound()
    {
        using var tables = await clickHouse.NewTablesAsync();
        await using var stream = await FakePubSub.StartAsync();
        await using var ingestion = await StartIngestionAsync(stream);
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString, redis: cluster.ConnectionString);

        foreach (var project in _projects)
        {
            var id = Guid.NewGuid();
            await IngestionUnderTest.AssertAcceptedAsync(await ingestion.PostAsync(
                IngestionUnderTest.SinglePath,
                $$"""{"event_id":"{{id}}","event_type":"t","user_id":"u"}""",
                request =>
                {
                    request.Headers.Remove(InternalHeaders.Project);
                    request.Headers.Add(InternalHeaders.Project, project);
                }));
            await Eventually.IsAsync("in_flight", async () =>
                (await monitoring.ReadAsync($"/api/ingestion/events/{id}", project)).GetProperty("state").GetString());
        }
    }

    [Fact]
    public async Task Usage_OnACluster_IsTheMonthsFigure()
    {
        using var tables = await clickHouse.NewTablesAsync();
        await using var usage = await Usage.ConnectAsync(cluster.ConnectionString);
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString, redis: cluster.ConnectionString);
        var now = TimeProvider.System.GetUtcNow();

        foreach (var project in _projects)
        {
            foreach (var month in new[] { now, now.AddHours(1) }) // in case the next begins now
                await usage.SetAsync(project, month.ToString("yyyy-MM", CultureInfo.InvariantCulture), 7);
            var answer = await monitoring.ReadAsync(
                "/api/monitoring/usage", project, headers: [(InternalHeaders.Plan, "free"), (InternalHeaders.CallsPerMinute, "60"), (InternalHeaders.EventsPerMonth, "500")]);
            Assert.Equal(7, answer.GetProperty("events").GetProperty("used").GetInt32());
        }
    }

    [Fact]
    public async Task Figures_OnACluster_AreReconciled()
    {
        var noon = new DateTimeOffset(2031, 5, 20, 12, 0, 0, TimeSpan.Zero);
        var clock = new FakeTimeProvider(noon);
        using var tables = await clickHouse.NewTablesAsync();
        using var stored = new StoredLive(tables.ConnectionString);
        await using var usage = await Usage.ConnectAsync(cluster.ConnectionString);
        await using var reconciler = await ReconcilerUnderTest.StartAsync(cluster.ConnectionString, tables.ConnectionString, clock);
        foreach (var project in _projects)
        {
            await usage.SetAsync(project, "2031-05", 10);
            await stored.AddAsync(project, 1, 7, noon.AddHours(-1));
        }

        await reconciler.PassAsync();
        clock.Advance(ReconcilerTests.Interval);
        await reconciler.PassAsync();

        foreach (var project in _projects)
            Assert.Equal(7, await usage.ReadAsync(project));
    }

    [Fact]
    public async Task Segments_OnACluster_AreSavedAndListed()
    {
        using var tables = await clickHouse.NewTablesAsync();
        foreach (var project in _projects)
        {
            await using var segments = await SegmentsUnderTest.StartAsync(tables.ConnectionString, cluster.ConnectionString, project: project);
            var id = await segments.CreateAsync();
            await segments.JsonAsync(HttpMethod.Put, $"{id}", SegmentsUnderTest.Body(SegmentsUnderTest.Starter, "changed"), ifMatch: "\"1\"");
            Assert.Equal("changed", (await segments.JsonAsync(HttpMethod.Get)).GetProperty("segments")[0].GetProperty("name").GetString());
        }
    }

    [Fact]
    public async Task Lease_OnACluster_IsHeldByOne()
    {
        var key = Unique.Name("lease_");
        using var tables = await clickHouse.NewTablesAsync();
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString, redis: cluster.ConnectionString);
        var redis = monitoring.Services.GetRequiredService<RedisConnection>();
        var (one, other) = (new RedisLease(redis, key, TimeSpan.FromMinutes(1)), new RedisLease(redis, key, TimeSpan.FromMinutes(1)));

        Assert.Equal((true, false, true), (await one.HoldAsync(), await other.HoldAsync(), await one.HoldAsync()));

        await one.ReleaseAsync(TestContext.Current.CancellationToken);
        Assert.True(await other.HoldAsync());
    }

    private Task<IngestionUnderTest> StartIngestionAsync(FakePubSub stream) => IngestionUnderTest.StartAsync(
        stream.ConnectionString, $"--ConnectionStrings:redis={cluster.ConnectionString}", "--Redis:Deadline=00:01:00", "--Redis:CommandTimeout=00:01:00");
}

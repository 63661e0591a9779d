using System.Text.Json;
using Microsoft.AspNetCore.Http;
using SegOps.Tests.Fixtures;
using SegOps.Tests.Integration.Gateway;

namespace SegOps.Tests.Integration.Monitoring;

/// <summary>What Monitoring reports of services that run in several instances.</summary>
public sealed class InstancesTests
{
    private const string Ingestors = "ingestor_worker";

    [Fact]
    public async Task Health_OneOfTwoIngestorsIsIll_IsDegradedAndSaysHowMany()
    {
        await using var healthy = await UpstreamServer.StartAsync(HealthyAsync);
        await using var ill = await UpstreamServer.StartAsync(IllAsync);
        await using var monitoring = await StartAsync(healthy.Url, $"--services:ingestor:http:1={ill.Url}");

        var stage = await monitoring.WaitForStageAsync(Ingestors, "degraded");

        Assert.Equal(("1 of 2 instances: It waits for the warehouse.", 2, 1), (stage.GetProperty("reason").GetString(), Instances(stage).Known, Instances(stage).Ok));
    }

    [Fact]
    public async Task Health_BothIngestorsAreIll_IsDown()
    {
        await using var one = await UpstreamServer.StartAsync(IllAsync);
        await using var other = await UpstreamServer.StartAsync(IllAsync);
        await using var monitoring = await StartAsync(one.Url, $"--services:ingestor:http:1={other.Url}");

        var stage = await monitoring.WaitForStageAsync(Ingestors, "down");

        Assert.Equal("2 of 2 instances: It waits for the warehouse.", stage.GetProperty("reason").GetString());
    }

    [Fact]
    public async Task Health_TwoIngestorsHoldEvents_AddsThemUp()
    {
        await using var one = await UpstreamServer.StartAsync(HealthyAsync);
        await using var other = await UpstreamServer.StartAsync(HealthyAsync);
        await using var monitoring = await StartAsync(one.Url, $"--services:ingestor:http:1={other.Url}");

        var stage = await monitoring.WaitForStageAsync(Ingestors, "ok");

        Assert.Equal(6, stage.GetProperty("backlog").GetProperty("events").GetInt64());
    }

    [Fact]
    public async Task Health_OneOfTwoIngestorsIsStopped_LeavesItOutAfterATime()
    {
        await using var running = await UpstreamServer.StartAsync(HealthyAsync);
        var stopped = await UpstreamServer.StartAsync(HealthyAsync);
        await using var monitoring = await StartAsync(running.Url, $"--services:ingestor:http:1={stopped.Url}", "--Pipeline:ForgetInstanceAfter=00:00:01");
        Assert.Equal((2, 2), Instances(await monitoring.WaitForStageAsync(Ingestors, "ok")));

        await stopped.DisposeAsync();

        await monitoring.WaitForStageAsync(Ingestors, "degraded");
        Assert.Equal((1, 1), Instances(await monitoring.WaitForStageAsync(Ingestors, "ok")));
    }

    [Fact]
    public async Task Health_StoppedIngestorStartsAgain_IsWatchedAgain()
    {
        await using var running = await UpstreamServer.StartAsync(HealthyAsync);
        var answer = (RequestDelegate)BreakOffAsync;
        await using var restarting = await UpstreamServer.StartAsync(context => Volatile.Read(ref answer)(context));
        await using var monitoring = await StartAsync(running.Url, $"--services:ingestor:http:1={restarting.Url}", "--Pipeline:ForgetInstanceAfter=00:00:01");
        Assert.Equal((1, 1), Instances(await monitoring.WaitForStageAsync(Ingestors, "ok")));

        Volatile.Write(ref answer, IllAsync);

        Assert.Equal((2, 1), Instances(await monitoring.WaitForStageAsync(Ingestors, "degraded")));
    }

    [Fact]
    public async Task Health_NoIngestorAnswersForLong_StaysDown()
    {
        await using var monitoring = await StartAsync(Nowhere.Http, "--Pipeline:ForgetInstanceAfter=00:00:01");

        await Eventually.IsAsync(true, async () =>
        {
            var stage = await monitoring.WaitForStageAsync(Ingestors, "down");
            return stage.GetProperty("checked_at").GetDateTimeOffset() - stage.GetProperty("since").GetDateTimeOffset() > TimeSpan.FromSeconds(2);
        });
    }

    [Theory]
    [InlineData("gateway")]
    [InlineData("ingestion")]
    public async Task Health_OneOfTwoInstancesIsIll_IsReportedOfTheService(string service)
    {
        await using var healthy = await UpstreamServer.StartAsync(HealthyAsync);
        await using var ill = await UpstreamServer.StartAsync(IllAsync);
        await using var monitoring = await StartAsync(healthy.Url, $"--services:{service}:http:0={healthy.Url}", $"--services:{service}:http:1={ill.Url}");

        await Eventually.IsAsync("degraded, 1 of 2 instances: It waits for the warehouse.", async () =>
        {
            var health = await monitoring.ReadAsync("/api/monitoring/health", "any");
            var found = health.GetProperty("services").EnumerateArray().Single(each => each.GetProperty("service").GetString() == service);
            return $"{found.GetProperty("state").GetString()}, {(found.TryGetProperty("reason", out var reason) ? reason.GetString() : "")}";
        });
        var check = (await monitoring.ProbeAsync("/health")).Body.GetProperty("checks").GetProperty(service);
        Assert.Equal("degraded", check.GetProperty("status").GetString());
    }

    private static Task<MonitoringUnderTest> StartAsync(string ingestor, params string[] settings) =>
        MonitoringUnderTest.StartAsync(MonitoringUnderTest.NoWarehouse, ingestor: ingestor, settings: [MonitoringUnderTest.QuickProbes, .. settings]);

    private static (int Known, int Ok) Instances(JsonElement stage) =>
        (stage.GetProperty("instances").GetProperty("known").GetInt32(), stage.GetProperty("instances").GetProperty("ok").GetInt32());

    private static Task HealthyAsync(HttpContext context) =>
        AnswerAsync(context, 200, """{"status":"healthy","checks":{"worker":{"status":"healthy","backlog":{"events":3,"oldest_seconds":0.1}}}}""");

    private static Task IllAsync(HttpContext context) =>
        AnswerAsync(context, 503, """{"status":"unhealthy","checks":{"worker":{"status":"unhealthy","reason":"It waits for the warehouse."}}}""");

    private static Task BreakOffAsync(HttpContext context)
    {
        context.Abort();
        return Task.CompletedTask;
    }

    private static Task AnswerAsync(HttpContext context, int status, string answer)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(answer);
    }
}

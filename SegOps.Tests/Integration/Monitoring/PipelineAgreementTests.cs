using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using SegOps.Tests.Fixtures;
using SegOps.Tests.Integration.Gateway;

namespace SegOps.Tests.Integration.Monitoring;

/// <summary>Whoever asks, and however, learns the same of a stage.</summary>
public sealed class PipelineAgreementTests(ClickHouseFixture clickHouse, PubSubEmulatorFixture pubSub) : IAsyncLifetime
{
    private const string Stage = "ingestor_worker";
    private WarehouseTables _tables = null!;
    private UpstreamServer _ingestor = null!;
    private MonitoringUnderTest _monitoring = null!;
    private int _status = 200;
    private string _answer = Saying("healthy");

    public async ValueTask InitializeAsync()
    {
        _tables = await clickHouse.NewTablesAsync();
        _ingestor = await UpstreamServer.StartAsync(context =>
        {
            context.Response.StatusCode = Volatile.Read(ref _status);
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync(Volatile.Read(ref _answer));
        });
        _monitoring = await MonitoringUnderTest.StartAsync(_tables.ConnectionString, ingestor: _ingestor.Url, pubsub: await pubSub.NewProjectAsync(), settings: MonitoringUnderTest.QuickProbes);
        foreach (var stage in (string[])["event_stream", Stage, "analytics_warehouse"])
            await _monitoring.WaitForStageAsync(stage, "ok");
    }

    public async ValueTask DisposeAsync()
    {
        await _monitoring.DisposeAsync();
        await _ingestor.DisposeAsync();
        _tables.Dispose();
    }

    [Fact]
    public async Task Stage_GoesDownAndUp_IsToldAlikeByApiHealthAndGauge()
    {
        foreach (var (status, answer, state, figure) in new[]
        {
            (503, Saying("unhealthy", "It waits."), "down", 2), (200, Saying("healthy"), "ok", 0),
            (200, Saying("degraded", "It limps."), "degraded", 1), (200, Saying("healthy"), "ok", 0),
        })
        {
            (_status, _answer) = (status, answer);
            var told = await _monitoring.WaitForStageAsync(Stage, state);

            var check = (await _monitoring.ProbeAsync("/health")).Body.GetProperty("checks").GetProperty(Stage);

            Assert.Equal(state, check.GetProperty("state").GetString());
            Assert.Equal(told.GetProperty("since").GetDateTimeOffset(), check.GetProperty("since").GetDateTimeOffset());
            Assert.Equal(Reason(told), Reason(check));
            Assert.Equal(figure, Gauge());
        }
    }

    [Fact]
    public async Task PipelineProbe_StageGoesDownAndUp_Is503AsLongAsItIsDown()
    {
        (_status, _answer) = (503, Saying("unhealthy", "It waits."));
        await _monitoring.WaitForStageAsync(Stage, "down");
        var (status, body) = await _monitoring.ProbeAsync("/health/pipeline");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "down"), (status, body.GetProperty("status").GetString()));

        (_status, _answer) = (200, Saying("degraded", "It limps."));
        await _monitoring.WaitForStageAsync(Stage, "degraded");
        (status, body) = await _monitoring.ProbeAsync("/health/pipeline");
        Assert.Equal((HttpStatusCode.OK, "degraded"), (status, body.GetProperty("status").GetString()));
    }

    [Fact]
    public async Task Stage_ToldWithABacklog_TellsItOn()
    {
        _answer = Saying("healthy", backlog: """{"events":120,"oldest_seconds":1.5}""");
        await Eventually.IsAsync(120, async () =>
            (await _monitoring.WaitForStageAsync(Stage, "ok")).TryGetProperty("backlog", out var told) ? told.GetProperty("events").GetInt32() : -1);

        var check = (await _monitoring.ProbeAsync("/health")).Body.GetProperty("checks").GetProperty(Stage);

        Assert.Equal(1.5, check.GetProperty("backlog").GetProperty("oldest_seconds").GetDouble());
    }

    [Fact]
    public async Task Stage_HoldsEventsForTooLong_IsDegradedAndSaysForHowLong()
    {
        _answer = Saying("healthy", backlog: """{"events":120,"oldest_seconds":14}""");

        var stage = await _monitoring.WaitForStageAsync(Stage, "degraded");

        Assert.Equal("It has held events for 14 s.", Reason(stage));
    }

    [Fact]
    public async Task Stage_Checked_TellsHowLongTheCheckTook()
    {
        var stage = await _monitoring.WaitForStageAsync("analytics_warehouse", "ok");

        Assert.True(stage.GetProperty("latency_ms").GetDouble() > 0);
    }

    private static string Saying(string status, string? reason = null, string? backlog = null) =>
        $$"""{"status":"{{status}}","checks":{"self":{"status":"healthy"},"worker":{"status":"{{status}}","""
        + (reason is null ? "" : $"\"reason\":\"{reason}\",")
        + (backlog is null ? "" : $"\"backlog\":{backlog},")
        + """ "since":"2026-01-02T03:04:05Z"}}}""";

    private static string? Reason(System.Text.Json.JsonElement stage) => stage.TryGetProperty("reason", out var reason) ? reason.GetString() : null;

    private int Gauge()
    {
        using var gauge = new MetricCollector<int>(
            _monitoring.Services.GetRequiredService<IMeterFactory>(), "SegOps.Monitoring", "segops.pipeline.stage_state");
        gauge.RecordObservableInstruments();
        return gauge.GetMeasurementSnapshot().Last(measurement => (string?)measurement.Tags["stage"] == Stage).Value;
    }
}

using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using SegOps.Monitoring.Pipeline;
using SegOps.ServiceDefaults.Health;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Unit.Monitoring;

public sealed class PipelineMonitorTests : IDisposable
{
    private const string Stream = "event_stream";
    private const string Other = "analytics_warehouse";
    private readonly FakeTimeProvider _clock = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly PipelineMonitor _monitor;
    private StageResult _stream = StageResult.Ok;
    private StageResult _other = StageResult.Ok;

    public PipelineMonitorTests() => _monitor = new PipelineMonitor(
        [new(Stream, _ => Task.FromResult(Volatile.Read(ref _stream))), new(Other, _ => Task.FromResult(Volatile.Read(ref _other)))],
        Options.Create(new PipelineOptions()), _clock, _services.GetRequiredService<IMeterFactory>(), NullLogger<PipelineMonitor>.Instance);

    [Fact]
    public async Task StreamBacklog_OthersWorkAllTheTime_DegradesTheStream()
    {
        await _monitor.StartAsync(TestContext.Current.CancellationToken);
        _stream = Lagging(11);

        await BecomesAsync(Stream, StageState.Degraded);

        Assert.Equal("It has held events for 11 s.", Health(Stream).Reason);
    }

    [Fact]
    public async Task StreamBacklog_WithinTheLimit_LeavesTheStreamOk()
    {
        await _monitor.StartAsync(TestContext.Current.CancellationToken);
        _stream = Lagging(10);

        await PassAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(StageState.Ok, Health(Stream).State);
    }

    [Fact]
    public async Task StreamBacklog_AnotherStageIsDown_LeavesTheStreamOk()
    {
        await _monitor.StartAsync(TestContext.Current.CancellationToken);
        _other = new StageResult(StageState.Down, "away");
        await BecomesAsync(Other, StageState.Down);
        _stream = Lagging(60);

        await PassAsync(TimeSpan.FromMinutes(1));

        Assert.Equal((StageState.Ok, new Backlog(null, 60)), (Health(Stream).State, Health(Stream).Backlog));
    }

    [Fact]
    public async Task StreamBacklog_AnotherStageHasJustComeBack_LeavesItTheTimeToDrain()
    {
        await _monitor.StartAsync(TestContext.Current.CancellationToken);
        _other = new StageResult(StageState.Down, "away");
        await BecomesAsync(Other, StageState.Down);
        (_stream, _other) = (Lagging(60), StageResult.Ok);
        await BecomesAsync(Other, StageState.Ok);
        var back = Health(Other).Since;

        await BecomesAsync(Stream, StageState.Degraded);

        Assert.True(Health(Stream).Since - back >= TimeSpan.FromSeconds(10));
    }

    public void Dispose()
    {
        _monitor.Dispose();
        _services.Dispose();
    }

    private static StageResult Lagging(double seconds) => StageResult.Ok with { Backlog = new Backlog(null, seconds) };

    private StageHealth Health(string stage) => _monitor.Current.Stages.Single(each => each.Stage == stage);

    private Task BecomesAsync(string stage, StageState state) =>
        Eventually.TrueAsync(() => Health(stage) is { LatencyMs: not null } health && health.State == state, $"{stage} is {state}", () => _clock.Advance(TimeSpan.FromSeconds(1)));

    private Task PassAsync(TimeSpan time)
    {
        var end = _clock.GetUtcNow() + time;
        return Eventually.TrueAsync(() => Health(Stream).CheckedAt >= end, $"{time} have passed", () => _clock.Advance(TimeSpan.FromSeconds(1)));
    }
}

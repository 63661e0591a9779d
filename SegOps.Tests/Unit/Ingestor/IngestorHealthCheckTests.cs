using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using SegOps.Contracts;
using SegOps.Ingestor.Health;
using SegOps.Ingestor.Streaming;
using SegOps.ServiceDefaults.Health;
using SegOps.Warehouse;

namespace SegOps.Tests.Unit.Ingestor;

public sealed class IngestorHealthCheckTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly IngestorState _state;

    private readonly HeldBatches _held;

    public IngestorHealthCheckTests() => (_state, _held) = (new IngestorState(_time), new HeldBatches(_time));

    [Fact]
    public async Task Check_BeforeTheSchemaIsUpToDate_IsUnhealthy()
    {
        _state.Waiting("ClickHouse is away.");

        var result = await CheckAsync();

        Assert.Equal(HealthStatus.Unhealthy, result.Status);
        Assert.Equal("ClickHouse is away.", result.Description);
    }

    [Fact]
    public async Task Check_Running_IsHealthy()
    {
        _state.Running();

        Assert.Equal(HealthStatus.Healthy, (await CheckAsync()).Status);
    }

    [Fact]
    public async Task Check_InsertsTriedAgain_IsDegradedSinceTheFirstFailure()
    {
        _state.Running();
        var first = _time.GetUtcNow();
        _state.Retrying("events", "away");
        _time.Advance(TimeSpan.FromMinutes(1));
        _state.Retrying("events", "overloaded");

        var result = await CheckAsync();

        Assert.Equal(HealthStatus.Degraded, result.Status);
        Assert.Contains("overloaded", result.Description, StringComparison.Ordinal);
        Assert.Equal(first, result.Data[HealthData.Since]);
    }

    [Fact]
    public async Task Check_OneTableRecovered_StaysDegradedForTheOther()
    {
        _state.Running();
        _state.Retrying("events", "away");
        _state.Retrying("ingestion_errors", "away");
        _state.Recovered("events");

        var result = await CheckAsync();

        Assert.Contains("ingestion_errors", result.Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_AllRecovered_IsHealthyAgain()
    {
        _state.Running();
        _state.Retrying("events", "away");
        _state.Recovered("events");

        Assert.Equal(HealthStatus.Healthy, (await CheckAsync()).Status);
    }

    [Fact]
    public async Task Check_BrokenOff_IsUnhealthyWithTheReason()
    {
        _state.Running();
        _state.Faulted("broken");

        var result = await CheckAsync();

        Assert.Equal(HealthStatus.Unhealthy, result.Status);
        Assert.Equal("broken", result.Description);
    }

    [Fact]
    public async Task Check_NothingHeld_TellsAnEmptyBacklog()
    {
        _state.Running();

        Assert.Equal(new Backlog(0, 0), (await CheckAsync()).Data[HealthData.Backlog]);
    }

    [Fact]
    public async Task Check_BatchesHeld_TellsTheirEventsAndTheAgeOfTheOldest()
    {
        _state.Running();
        var (released, events, errors) = (Batch(2), Batch(3), Batch(5));
        _held.Add(released, StreamTarget.Events);
        _held.Add(events, StreamTarget.Events);
        _held.Add(errors, StreamTarget.Rejections);
        _time.Advance(TimeSpan.FromSeconds(12));
        _held.Remove(released);
        _held.Add(Batch(4), StreamTarget.Events);

        Assert.Equal(new Backlog(7, 12), (await CheckAsync()).Data[HealthData.Backlog]);
    }

    [Fact]
    public async Task Check_LateEventsReceivedLongAgo_IsDegraded()
    {
        _state.Running();
        _held.Add(LateBatch(TimeSpan.FromSeconds(125)), StreamTarget.LateEvents);

        var result = await CheckAsync();

        Assert.Equal(
            (HealthStatus.Degraded, "Late events wait: the oldest was received 125 s ago."), (result.Status, result.Description));
    }

    [Fact]
    public async Task Check_LateEventsReceivedLately_IsHealthyWithoutTheirAge()
    {
        _state.Running();
        _held.Add(LateBatch(TimeSpan.FromSeconds(60)), StreamTarget.LateEvents);

        var result = await CheckAsync();

        Assert.Equal((HealthStatus.Healthy, new Backlog(1, 0)), (result.Status, result.Data[HealthData.Backlog]));
    }

    private Batch LateBatch(TimeSpan age)
    {
        var attributes = Messages.Attributes(1);
        attributes[MessageAttributes.ReceivedAt] = (_time.GetUtcNow() - age).ToString("O");
        var batch = new Batch(_time.GetTimestamp());
        batch.Add(Messages.Deliver(Messages.Pack("{}"), attributes));
        return batch;
    }

    private Batch Batch(int rows)
    {
        var batch = new Batch(_time.GetTimestamp());
        batch.Add(Messages.DeliverRows(rows));
        return batch;
    }

    private Task<HealthCheckResult> CheckAsync() =>
        new IngestorHealthCheck(_state, _held, Options.Create(new IngestorOptions { MaxLateAge = TimeSpan.FromMinutes(2) })).CheckHealthAsync(new HealthCheckContext(), TestContext.Current.CancellationToken);
}

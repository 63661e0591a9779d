using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;
using SegOps.Ingestor.Health;
using SegOps.Ingestor.Streaming;
using SegOps.ServiceDefaults.Health;

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
        _held.Add(released, "events");
        _held.Add(events, "events");
        _held.Add(errors, "ingestion_errors");
        _time.Advance(TimeSpan.FromSeconds(12));
        _held.Remove(released);
        var late = Batch(4);
        _held.Add(late, "events");

        Assert.Equal(new Backlog(7, 12), (await CheckAsync()).Data[HealthData.Backlog]);
    }

    private Batch Batch(int rows)
    {
        var batch = new Batch(_time.GetTimestamp());
        batch.Add(Messages.DeliverRows(rows));
        return batch;
    }

    private Task<HealthCheckResult> CheckAsync() =>
        new IngestorHealthCheck(_state, _held).CheckHealthAsync(new HealthCheckContext(), TestContext.Current.CancellationToken);
}

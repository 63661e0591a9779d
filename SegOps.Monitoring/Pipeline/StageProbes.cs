using Microsoft.Extensions.Diagnostics.HealthChecks;
using SegOps.Monitoring.Freshness;
using SegOps.PubSub.Topology;
using SegOps.ServiceDefaults.Health;
using SegOps.Warehouse;

namespace SegOps.Monitoring.Pipeline;

/// <summary>The three stages of an accepted event.</summary>
internal static class StageProbes
{
    internal const string EventStream = "event_stream";
    internal const string IngestorWorker = "ingestor_worker";
    internal const string AnalyticsWarehouse = "analytics_warehouse";

    /// <summary>The names of the services in service discovery.</summary>
    internal const string Gateway = "gateway", Ingestion = "ingestion", Ingestor = "ingestor", Segments = "segments";

    private const int UnknownTable = 60;
    private const int UnknownDatabase = 81;

    /// <summary>Probes Pub/Sub. The canaries measure its backlog.</summary>
    internal static StageProbe ForEventStream(EventStreamProbe eventStream, Canaries canaries) => new(EventStream, async cancellationToken =>
    {
        var state = await eventStream.CheckAsync(cancellationToken);
        return new StageResult(StateOf(state.Status), state.Reason, canaries.Lag is { } lag ? new Backlog(null, Math.Round(lag.TotalSeconds, 1)) : null);
    });

    /// <summary>Reads the health of every ingestor, which also reports that it runs but cannot write.</summary>
    internal static StageProbe ForIngestors(ServiceInstances ingestors) => new(IngestorWorker, ingestors.CheckAsync);

    /// <summary>Reads the health of every instance of a service that is not a stage of an accepted event.</summary>
    internal static StageProbe ForService(string service, ServiceInstances instances) => new(service, instances.CheckAsync) { IsStage = false };

    /// <summary>Queries the events table, because an answer of the server is not sufficient.</summary>
    internal static StageProbe ForWarehouse(WarehouseReader warehouse) => new(AnalyticsWarehouse, async cancellationToken =>
    {
        try
        {
            await warehouse.ReadAsync("SELECT 1 FROM events LIMIT 1", [], 1, static row => 0, cancellationToken);
            return StageResult.Ok;
        }
        catch (WarehouseUnavailableException missing) when (missing.Code is UnknownTable or UnknownDatabase)
        {
            return new StageResult(StageState.Degraded, "The events table does not exist yet: the ingestor creates it when it starts.");
        }
        catch (WarehouseUnavailableException unavailable)
        {
            return new StageResult(StageState.Down, unavailable.Message);
        }
    });

    private static StageState StateOf(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => StageState.Ok,
        HealthStatus.Degraded => StageState.Degraded,
        _ => StageState.Down,
    };
}

/// <summary>A check of a stage or service.</summary>
/// <param name="Stage">The stage's name.</param>
/// <param name="CheckAsync">Checks it. An exception means that the stage is down.</param>
internal sealed record StageProbe(string Stage, Func<CancellationToken, Task<StageResult>> CheckAsync)
{
    /// <summary>Whether accepted events pass it. Else it is a service before the event stream.</summary>
    internal bool IsStage { get; init; } = true;
}

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

    /// <summary>The name of the ingestor in service discovery, and of its HTTP client.</summary>
    internal const string Ingestor = "ingestor";

    private const int UnknownTable = 60;
    private const int UnknownDatabase = 81;

    /// <summary>Probes Pub/Sub. The canaries measure its backlog.</summary>
    internal static StageProbe ForEventStream(EventStreamProbe eventStream, Canaries canaries) => new(EventStream, async cancellationToken =>
    {
        var state = await eventStream.CheckAsync(cancellationToken);
        return new StageResult(StateOf(state.Status), state.Reason, canaries.Lag is { } lag ? new Backlog(null, Math.Round(lag.TotalSeconds, 1)) : null);
    });

    /// <summary>Reads the worker's health, which also reports that it runs but cannot write.</summary>
    internal static StageProbe ForIngestor(IHttpClientFactory clients) => new(IngestorWorker, async cancellationToken =>
    {
        using var ingestor = clients.CreateClient(Ingestor);
        using var answer = await ingestor.GetAsync(new Uri(HealthEndpoints.ReadinessPath, UriKind.Relative), cancellationToken);
        var health = await answer.Content.ReadFromJsonAsync(HealthJson.Default.HealthAnswer, cancellationToken);
        var result = health?.Status switch
        {
            "healthy" => StageResult.Ok,
            "degraded" => new StageResult(StageState.Degraded, ReasonOf(health)),
            _ => new StageResult(StageState.Down, ReasonOf(health)),
        };
        return result with { Backlog = health?.Checks.Values.Select(check => check.Backlog).FirstOrDefault(backlog => backlog is not null) };
    });

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

    private static string ReasonOf(HealthAnswer? health)
    {
        var reasons = health?.Checks.Values.Where(check => check.Status != "healthy" && check.Reason is not null).Select(check => check.Reason).ToList();
        return reasons is { Count: > 0 } ? string.Join(' ', reasons) : "The worker gives no reason.";
    }

    private static StageState StateOf(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => StageState.Ok,
        HealthStatus.Degraded => StageState.Degraded,
        _ => StageState.Down,
    };
}

/// <summary>A check of a stage.</summary>
/// <param name="Stage">The stage's name.</param>
/// <param name="CheckAsync">Checks it. An exception means that the stage is down.</param>
internal sealed record StageProbe(string Stage, Func<CancellationToken, Task<StageResult>> CheckAsync);

using ClickHouse.Driver.ADO.Parameters;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using SegOps.Contracts;
using SegOps.Warehouse;

namespace SegOps.Monitoring.Freshness;

/// <summary>Polls ClickHouse for canaries in flight that can be queried.</summary>
internal sealed partial class CanaryWatcher(
    Canaries canaries, WarehouseReader warehouse, IOptions<CanaryOptions> options, TimeProvider clock, ILogger<CanaryWatcher> logger) : BackgroundService
{
    /// <summary>Uses the whole sorting key, so that older days are not read. The range of times excludes the parts of other months.</summary>
    private const string Query = $$"""
        SELECT DISTINCT {{EventColumns.EventId}}
        FROM events
        WHERE {{EventColumns.ProjectId}} = '{{Canary.ProjectId}}' AND {{EventColumns.Environment}} = '{{Contracts.Environments.Test}}'
            AND {{EventColumns.EventType}} = '{{Canary.EventType}}'
            AND {{EventColumns.OccurredAt}} >= fromUnixTimestamp64Micro({from:Int64}, 'UTC') AND {{EventColumns.OccurredAt}} <= fromUnixTimestamp64Micro({to:Int64}, 'UTC')
            AND toDate({{EventColumns.OccurredAt}}) IN (toDate(fromUnixTimestamp64Micro({from:Int64}, 'UTC')), toDate(fromUnixTimestamp64Micro({to:Int64}, 'UTC')))
            AND {{EventColumns.UserId}} = '{{Canary.UserId}}' AND {{EventColumns.EventId}} IN {ids:Array(UUID)}
        SETTINGS max_threads = 1, log_queries = 0
        """;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(2);

    /// <summary>Pause while the warehouse is unavailable.</summary>
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = options.Value.PollInterval;
            try
            {
                if (canaries.InFlight is { Count: > 0 } inFlight)
                    canaries.Seen(await FindAsync(inFlight, stoppingToken));
            }
            catch (WarehouseUnavailableException)
            {
                pause = AfterFailure; // The warehouse's stage reports the reason.
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception);
                pause = AfterFailure;
            }

            await Task.Delay(pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<List<Guid>> FindAsync(IReadOnlyList<CanaryInFlight> inFlight, CancellationToken stopping)
    {
        var parameters = new ClickHouseParameterCollection()
            .With("from", QueryValues.Micros(inFlight.Min(canary => canary.OccurredAt)))
            .With("to", QueryValues.Micros(inFlight.Max(canary => canary.OccurredAt)))
            .With("ids", inFlight.Select(canary => canary.EventId).ToArray());
        using var untraced = SuppressInstrumentationScope.Begin();
        return await warehouse.ReadAsync(Query, parameters, inFlight.Count, row => row.GetGuid(0), stopping, Deadline);
    }

    [LoggerMessage(LogLevel.Error, "Looking for canaries failed.")]
    private partial void LogFailed(Exception exception);
}

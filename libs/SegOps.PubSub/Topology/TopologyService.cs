using Grpc.Core;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SegOps.PubSub.Connection;

namespace SegOps.PubSub.Topology;

/// <summary>At the start, creates the topology in development; in production, logs a critical message if something is missing.</summary>
internal sealed partial class TopologyService(TopologyInitializer topology, EventStreamProbe probe, TimeProvider timeProvider, ILogger<TopologyService> logger)
    : BackgroundService
{
    // Short, because an emulator that starts with this service is ready within seconds, and nothing can be published before.
    private static readonly Backoff Wait = new(TimeSpan.FromMilliseconds(100), 2, TimeSpan.FromMilliseconds(500));

    /// <summary>About 20 s of failures.</summary>
    private const int FailuresPerWarning = 50;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var failures = 0; topology.Creates; failures++)
        {
            try
            {
                await topology.EnsureAsync(stoppingToken);
                return;
            }
            catch (RpcException failure) when (!stoppingToken.IsCancellationRequested)
            {
                if (failures == 0)
                    LogWaiting(logger, failure.StatusCode);
                else if (failures % FailuresPerWarning == 0)
                    LogNotCreated(logger, failure.StatusCode);
                await Task.Delay(Wait.Delay(failures), timeProvider, stoppingToken);
            }
        }

        if (await probe.CheckAsync(stoppingToken) is { Status: HealthStatus.Unhealthy, Reason: var reason })
            LogMissing(logger, reason);
    }

    [LoggerMessage(LogLevel.Information, "Pub/Sub does not answer yet: {Status}. Topics and subscriptions are created when it does.")]
    private static partial void LogWaiting(ILogger logger, StatusCode status);

    [LoggerMessage(LogLevel.Warning, "Topics and subscriptions could not be created yet: {Status}. Retrying.")]
    private static partial void LogNotCreated(ILogger logger, StatusCode status);

    [LoggerMessage(LogLevel.Critical, "The event stream does not work: {Reason}")]
    private static partial void LogMissing(ILogger logger, string? reason);
}

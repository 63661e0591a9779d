using Microsoft.Extensions.Options;
using SegOps.Ingestor.Health;
using SegOps.Ingestor.Schema;
using SegOps.Ingestor.Streaming;
using SegOps.Ingestor.Telemetry;
using SegOps.Warehouse;

namespace SegOps.Ingestor;

/// <summary>Migrates the schema, runs the streams until shutdown, then stores the remaining messages.</summary>
internal sealed partial class IngestorWorker(
    Migrator migrator,
    IEnumerable<StreamWorker> streams,
    IngestorState state,
    IngestorTelemetry telemetry,
    IOptions<IngestorOptions> options,
    TimeProvider time,
    ILogger<IngestorWorker> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await MigrateAsync(stoppingToken);
            state.Running();
            LogRunning(log);
            await RunStreamsAsync(stoppingToken);
            state.Stopped();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            state.Stopped();
        }
        catch (Exception exception)
        {
            state.Faulted(exception is SchemaMismatchException ? exception.Message : $"The worker ended with a fault: {exception.GetType().Name}.");
            LogFaulted(log, exception);
            throw;
        }
    }

    private async Task RunStreamsAsync(CancellationToken stopping)
    {
        using var abort = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        await using var grace = either.Token.Register(() => abort.CancelAfter(options.Value.ShutdownGrace));

        async Task RunAsync(StreamWorker stream)
        {
            try
            {
                await stream.RunAsync(either.Token, abort.Token);
            }
            catch
            {
                await either.CancelAsync();
                throw;
            }
        }

        await Task.WhenAll(streams.Select(RunAsync));
    }

    private async Task MigrateAsync(CancellationToken stopping)
    {
        for (var delay = options.Value.RetryDelay; ; delay = Min(delay * 2, options.Value.MaxRetryDelay))
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            deadline.CancelAfter(options.Value.InsertTimeout);
            using var migration = telemetry.StartMigration();
            try
            {
                await migrator.ApplyAsync(Migration.All, deadline.Token);
                return;
            }
            catch (Exception exception) when (exception is not SchemaMismatchException)
            {
                stopping.ThrowIfCancellationRequested();
                var reason = InsertFailures.Describe(exception);
                state.Waiting($"The schema is not up to date yet: {reason}.");
                LogWaiting(log, reason, delay.TotalSeconds);
            }

            await Task.Delay(delay, time, stopping);
        }
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    [LoggerMessage(Level = LogLevel.Information, Message = "The schema is up to date; receiving messages.")]
    private static partial void LogRunning(ILogger log);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The schema migration failed: {Reason}. Next attempt in {Delay:F1} s.")]
    private static partial void LogWaiting(ILogger log, string reason, double delay);

    [LoggerMessage(Level = LogLevel.Critical, Message = "The worker ended with a fault.")]
    private static partial void LogFaulted(ILogger log, Exception exception);
}

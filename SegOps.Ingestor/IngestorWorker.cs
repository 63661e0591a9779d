using Microsoft.Extensions.Options;
using Polly;
using Polly.Retry;
using SegOps.Ingestor.Health;
using SegOps.Ingestor.Schema;
using SegOps.Ingestor.Streaming;
using SegOps.Ingestor.Telemetry;
using SegOps.PubSub.Subscribing;
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
            catch (SubscriptionException missing) when (stream.IsDeadLetters)
            {
                // Events are stored nevertheless. The health of the event stream reports the subscription.
                LogNoDeadLetters(log, stream.Subscription, missing);
            }
            catch
            {
                await either.CancelAsync();
                throw;
            }
        }

        await Task.WhenAll(streams.Select(RunAsync));
    }

    /// <summary>Retries until the schema is up to date. Only an applied migration that reads differently now ends it.</summary>
    private async Task MigrateAsync(CancellationToken stopping)
    {
        var pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = int.MaxValue,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = options.Value.RetryDelay,
                MaxDelay = options.Value.MaxRetryDelay,
                ShouldHandle = new PredicateBuilder().Handle<Exception>(exception => exception is not SchemaMismatchException),
                OnRetry = OnMigrationRetry,
            })
            .AddTimeout(options.Value.InsertTimeout)
            .Build();
        await pipeline.ExecuteAsync(async cancellationToken =>
        {
            using var migration = telemetry.StartMigration();
            await migrator.ApplyAsync(Migration.All, cancellationToken);
        }, stopping);
    }

    private ValueTask OnMigrationRetry(OnRetryArguments<object> failed)
    {
        // An attempt that fails because of the shutdown is not reported as ClickHouse's failure.
        failed.Context.CancellationToken.ThrowIfCancellationRequested();
        var reason = failed.Outcome.Exception is UnsupportedVersionException unsupported ? unsupported.Message.TrimEnd('.') : InsertFailures.Describe(failed.Outcome.Exception!);
        state.Waiting($"The schema is not up to date yet: {reason}.");
        LogWaiting(log, reason, failed.RetryDelay.TotalSeconds);
        return ValueTask.CompletedTask;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The schema is up to date; receiving messages.")]
    private static partial void LogRunning(ILogger log);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The schema migration failed: {Reason}. Next attempt in {Delay:F1} s.")]
    private static partial void LogWaiting(ILogger log, string reason, double delay);

    [LoggerMessage(Level = LogLevel.Critical, Message = "Messages that Pub/Sub gives up are not read: {Subscription} cannot be read.")]
    private static partial void LogNoDeadLetters(ILogger log, string subscription, Exception exception);

    [LoggerMessage(Level = LogLevel.Critical, Message = "The worker ended with a fault.")]
    private static partial void LogFaulted(ILogger log, Exception exception);
}

using System.Diagnostics;
using Microsoft.Extensions.Options;
using Polly;
using Polly.Retry;
using SegOps.Contracts;
using SegOps.Ingestor.Health;
using SegOps.Ingestor.Streaming;
using SegOps.Ingestor.Telemetry;
using SegOps.Warehouse;

namespace SegOps.Ingestor.Writing;

/// <summary>
/// Inserts with a deadline for each attempt, and retries until the rows are stored or ClickHouse answers with an error that they may have caused.
/// </summary>
internal sealed partial class RetryingInserter
{
    private static readonly ResiliencePropertyKey<string> TableKey = new("table");
    private static readonly ResiliencePropertyKey<bool> RetriedKey = new("retried");

    private readonly ClickHouseInserter _inserter;
    private readonly IngestorState _state;
    private readonly IngestorTelemetry _telemetry;
    private readonly ILogger<RetryingInserter> _log;
    private readonly ResiliencePipeline _refusable;
    private readonly ResiliencePipeline _unrefusable;

    public RetryingInserter(
        ClickHouseInserter inserter,
        IOptions<IngestorOptions> options,
        IngestorState state,
        IngestorTelemetry telemetry,
        TimeProvider time,
        ILogger<RetryingInserter> log)
    {
        (_inserter, _state, _telemetry, _log) = (inserter, state, telemetry, log);
        _refusable = Pipeline(options.Value, time, exception => InsertFailures.Classify(exception) is InsertFailure.Transient);
        _unrefusable = Pipeline(options.Value, time, _ => true);
    }

    /// <summary>Name of the database.</summary>
    public string Database => _inserter.Database;

    /// <summary>Inserts the rows of messages without decompression: concatenated zstd frames are one zstd stream.</summary>
    /// <inheritdoc cref="InsertAsync(string, IReadOnlyList{string}, InsertBody, CancellationToken)"/>
    public Task<Fault?> InsertAsync(StreamTarget target, IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken) =>
        InsertAsync(
            target.Table, target.Columns, new InsertBody([.. deliveries.Select(delivery => delivery.Message.Data)], MessageAttributes.Zstd), cancellationToken);

    /// <summary>Inserts rows.</summary>
    /// <returns>Null if all rows are stored, else ClickHouse's error. The rows or the server may have caused it.</returns>
    /// <exception cref="OperationCanceledException">Cancelled by <paramref name="cancellationToken"/>.</exception>
    public async Task<Fault?> InsertAsync(string table, IReadOnlyList<string> columns, InsertBody body, CancellationToken cancellationToken)
    {
        try
        {
            await ExecuteAsync(_refusable, table, columns, body, cancellationToken);
            return null;
        }
        catch (ClickHouseException refusal) when (InsertFailures.Classify(refusal) is not InsertFailure.Transient)
        {
            LogRefused(_log, table, InsertFailures.Describe(refusal));
            return new Fault($"clickhouse_{refusal.Code}", refusal.Message);
        }
    }

    /// <summary>Inserts rows that are not at fault: dead letters and known-good rows. Every failure is retried.</summary>
    /// <returns>Whether the first attempt succeeded.</returns>
    /// <exception cref="OperationCanceledException">Cancelled by <paramref name="cancellationToken"/>.</exception>
    public Task<bool> InsertUnrefusedAsync(string table, IReadOnlyList<string> columns, InsertBody body, CancellationToken cancellationToken) =>
        ExecuteAsync(_unrefusable, table, columns, body, cancellationToken);

    private async Task<bool> ExecuteAsync(
        ResiliencePipeline pipeline, string table, IReadOnlyList<string> columns, InsertBody body, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(TableKey, table);
        bool retried;
        try
        {
            await pipeline.ExecuteAsync(
                async (attempt, state) => await state._inserter.InsertAsync(table, columns, body, attempt.CancellationToken), context, this);
            retried = context.Properties.GetValue(RetriedKey, false);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }

        _state.Recovered(table);
        _telemetry.Inserted(table, Stopwatch.GetElapsedTime(started));
        return !retried;
    }

    private ResiliencePipeline Pipeline(IngestorOptions options, TimeProvider time, Func<Exception, bool> isRetried) =>
        new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = int.MaxValue,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = options.RetryDelay,
                MaxDelay = options.MaxRetryDelay,
                ShouldHandle = failed => ValueTask.FromResult(
                    failed.Outcome.Exception is { } exception
                    && !failed.Context.CancellationToken.IsCancellationRequested
                    && isRetried(exception)),
                OnRetry = OnRetry,
            })
            .AddTimeout(options.InsertTimeout)
            .Build();

    private ValueTask OnRetry(OnRetryArguments<object> failed)
    {
        var table = failed.Context.Properties.GetValue(TableKey, "");
        var reason = InsertFailures.Describe(failed.Outcome.Exception!);
        _state.Retrying(table, reason);
        _telemetry.Retried(table);
        failed.Context.Properties.Set(RetriedKey, true);
        LogRetry(_log, table, reason, failed.AttemptNumber + 1, failed.RetryDelay.TotalSeconds);
        return ValueTask.CompletedTask;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Insert into {Table} failed: {Reason}. Attempt {Attempt}; next in {Delay:F1} s. The backlog is held.")]
    private static partial void LogRetry(ILogger log, string table, string reason, int attempt, double delay);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Insert into {Table} was refused: {Reason}. Comparing its rows with a known-good row.")]
    private static partial void LogRefused(ILogger log, string table, string reason);
}

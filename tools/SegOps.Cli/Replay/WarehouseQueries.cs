using ClickHouse.Driver;
using ClickHouse.Driver.ADO;
using ClickHouse.Driver.ADO.Parameters;
using ClickHouse.Driver.ADO.Readers;
using Polly;
using Polly.Retry;
using SegOps.Warehouse;

namespace SegOps.Cli.Replay;

/// <summary>
/// Queries ClickHouse. A call without an answer is attempted up to <see cref="Attempts"/> times, each for at most <see cref="AttemptTimeout"/>.
/// An error from ClickHouse is not retried.
/// </summary>
internal sealed class WarehouseQueries : IDisposable
{
    private const int Attempts = 5;

    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromMinutes(1);

    private readonly ClickHouseClient _client;
    private readonly ResiliencePipeline _pipeline;

    public WarehouseQueries(WarehouseHttpClient http, ClickHouseClientSettings connection, TimeProvider time)
    {
        _client = new ClickHouseClient(new ClickHouseClientSettings(connection) { HttpClient = http });
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = Attempts - 1,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = TimeSpan.FromMilliseconds(200),
                MaxDelay = TimeSpan.FromSeconds(5),
                ShouldHandle = failed => ValueTask.FromResult(
                    failed.Outcome.Exception is not (null or ClickHouseServerException or ClickHouseException)
                    && !failed.Context.CancellationToken.IsCancellationRequested),
            })
            .AddTimeout(AttemptTimeout)
            .Build();
    }

    /// <summary>Returns all rows of a query.</summary>
    public async Task<List<T>> ReadAsync<T>(
        string sql, ClickHouseParameterCollection parameters, Func<ClickHouseDataReader, T> read, CancellationToken cancellationToken) =>
        await _pipeline.ExecuteAsync(
            async attempt =>
            {
                await using var reader = await _client.ExecuteReaderAsync(sql, parameters, cancellationToken: attempt);
                List<T> rows = [];
                while (await reader.ReadAsync(attempt))
                    rows.Add(read(reader));
                return rows;
            },
            cancellationToken);

    /// <summary>Runs an idempotent statement without a result.</summary>
    public Task ExecuteAsync(string sql, CancellationToken cancellationToken) =>
        AttemptAsync(attempt => _client.ExecuteNonQueryAsync(sql, cancellationToken: attempt), cancellationToken);

    /// <summary>Runs <paramref name="call"/> with the same retries.</summary>
    public async Task AttemptAsync(Func<CancellationToken, Task> call, CancellationToken cancellationToken) =>
        await _pipeline.ExecuteAsync(async attempt => await call(attempt), cancellationToken);

    public void Dispose() => _client.Dispose();
}

using System.Globalization;
using ClickHouse.Driver;
using ClickHouse.Driver.ADO;
using ClickHouse.Driver.ADO.Parameters;
using ClickHouse.Driver.ADO.Readers;
using ClickHouse.Driver.Utility;
using Microsoft.Extensions.Options;
using Polly;
using Polly.Retry;
using SegOps.Ingestor.Writing;

namespace SegOps.Ingestor.Replay;

/// <summary>
/// Asks ClickHouse, each time within <see cref="IngestorOptions.InsertTimeout"/>. What got no answer is tried <see cref="Attempts"/> times; an
/// answer, even a bad one, is final.
/// </summary>
internal sealed class WarehouseQueries : IDisposable
{
    private const int Attempts = 5;

    private readonly ClickHouseClient _client;
    private readonly ResiliencePipeline _pipeline;

    public WarehouseQueries(WarehouseHttpClient http, ClickHouseClientSettings connection, IOptions<IngestorOptions> options, TimeProvider time)
    {
        _client = new ClickHouseClient(new ClickHouseClientSettings(connection) { HttpClient = http });
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = Attempts - 1,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = options.Value.RetryDelay,
                MaxDelay = options.Value.MaxRetryDelay,
                ShouldHandle = failed => ValueTask.FromResult(
                    failed.Outcome.Exception is not (null or ClickHouseServerException or ClickHouseException)
                    && !failed.Context.CancellationToken.IsCancellationRequested),
            })
            .AddTimeout(options.Value.InsertTimeout)
            .Build();
    }

    /// <summary>Reads all rows that <paramref name="sql"/> answers.</summary>
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

    /// <summary>Runs a statement that answers nothing and may be repeated.</summary>
    public Task ExecuteAsync(string sql, CancellationToken cancellationToken) =>
        AttemptAsync(attempt => _client.ExecuteNonQueryAsync(sql, cancellationToken: attempt), cancellationToken);

    /// <summary>Runs <paramref name="call"/> by the same rules.</summary>
    public async Task AttemptAsync(Func<CancellationToken, Task> call, CancellationToken cancellationToken) =>
        await _pipeline.ExecuteAsync(async attempt => await call(attempt), cancellationToken);

    public void Dispose() => _client.Dispose();
}

/// <summary>How values go into a query and come out of it.</summary>
internal static class QueryValues
{
    /// <summary>The same parameters with one more.</summary>
    public static ClickHouseParameterCollection With(this ClickHouseParameterCollection parameters, string name, object value)
    {
        parameters.AddParameter(name, value);
        return parameters;
    }

    /// <summary>As a list within the statement, for a thousand would not fit the address that parameters travel in.</summary>
    public static string List(IEnumerable<Guid> ids) => $"({string.Join(", ", ids.Select(id => $"'{id}'").DefaultIfEmpty("NULL"))})";

    /// <summary>Microseconds since 1970.</summary>
    public static long Micros(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>A time from microseconds since 1970.</summary>
    public static DateTimeOffset Time(long micros) => DateTimeOffset.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond);

    /// <summary>A whole number, of whichever width.</summary>
    public static long Number(this ClickHouseDataReader row, int column) => Convert.ToInt64(row.GetValue(column), CultureInfo.InvariantCulture);

    /// <summary>A time as commands show it and take it.</summary>
    public static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);
}

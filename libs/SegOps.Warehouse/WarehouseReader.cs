using System.Collections.Concurrent;
using System.Data.Common;
using System.Net.Sockets;
using ClickHouse.Driver;
using ClickHouse.Driver.ADO;
using ClickHouse.Driver.ADO.Parameters;
using ClickHouse.Driver.ADO.Readers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace SegOps.Warehouse;

/// <summary>Runs queries and small inserts, each within <see cref="WarehouseOptions.Deadline"/>.</summary>
public sealed partial class WarehouseReader : IDisposable
{
    /// <summary>Minimum time between logged refusals. Some callers query ten times a second.</summary>
    private static readonly TimeSpan LogInterval = TimeSpan.FromMinutes(1);

    private static readonly Dictionary<string, object> NoSettings = [];

    private readonly ConcurrentDictionary<int, long> _loggedAt = new();
    private readonly ClickHouseClient _client;
    private readonly TimeSpan _deadline;
    private readonly TimeProvider _clock;
    private readonly ILogger<WarehouseReader> _logger;

    /// <summary>Connects at the first query.</summary>
    public WarehouseReader(WarehouseHttpClient http, IOptions<WarehouseOptions> options, TimeProvider clock, ILogger<WarehouseReader> logger)
    {
        _client = new ClickHouseClient(new ClickHouseClientSettings(options.Value.ToSettings()) { HttpClient = http });
        _deadline = options.Value.Deadline;
        _clock = clock;
        _logger = logger;
    }

    /// <summary>Runs <paramref name="sql"/> and reads all its rows, if any.</summary>
    /// <param name="sql">The statement.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="maxRows">The maximum rows; ClickHouse refuses a query with more.</param>
    /// <param name="read">Reads a row.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <param name="deadline">Replaces <see cref="WarehouseOptions.Deadline"/> for background work.</param>
    /// <param name="settings">Further settings of ClickHouse, such as limits of the query.</param>
    /// <exception cref="WarehouseUnavailableException">ClickHouse cannot be reached, is too slow, or refused the query.</exception>
    public async Task<List<T>> ReadAsync<T>(
        string sql, ClickHouseParameterCollection parameters, int maxRows, Func<ClickHouseDataReader, T> read, CancellationToken cancellationToken,
        TimeSpan? deadline = null, IReadOnlyDictionary<string, object>? settings = null)
    {
        var options = new QueryOptions
        {
            MaxExecutionTime = deadline ?? _deadline,
            CustomSettings = new Dictionary<string, object>(settings ?? NoSettings) { ["max_result_rows"] = maxRows },
        };
        return await RunAsync(async stop =>
        {
            await using var reader = await _client.ExecuteReaderAsync(sql, parameters, options, stop);
            List<T> rows = [];
            while (await reader.ReadAsync(stop))
                rows.Add(read(reader));
            return rows;
        }, deadline ?? _deadline, cancellationToken);
    }

    /// <summary>Inserts <paramref name="rows"/>, one JSON object per line, into <paramref name="table"/>.</summary>
    /// <exception cref="WarehouseUnavailableException">
    /// ClickHouse cannot be reached, is too slow, or refused the rows. The rows may have been inserted.
    /// </exception>
    public Task InsertAsync(string table, IEnumerable<string> columns, Stream rows, CancellationToken cancellationToken) => RunAsync(async stop =>
    {
        using var answer = await _client.InsertRawStreamAsync(table, rows, "JSONEachRow", columns, cancellationToken: stop);
        return true;
    }, _deadline, cancellationToken);

    private async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> run, TimeSpan deadline, CancellationToken cancellationToken)
    {
        using var expiry = new CancellationTokenSource(deadline, _clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(expiry.Token, cancellationToken);
        try
        {
            return await run(stop.Token);
        }
        catch (ClickHouseServerException refused)
        {
            // Only the code is logged: the text can quote the query's values, such as user ids.
            LogRefusedOnce(refused.ErrorCode);
            throw new WarehouseUnavailableException("The warehouse refused the query. Retry shortly.", refused.ErrorCode, refused);
        }
        catch (OperationCanceledException exception) when (expiry.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new WarehouseUnavailableException($"The warehouse did not answer within {deadline.TotalSeconds} s.", null, exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or SocketException or DbException)
        {
            throw new WarehouseUnavailableException("The warehouse cannot be reached. Retry shortly.", null, exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private void LogRefusedOnce(int code)
    {
        var now = _clock.GetTimestamp();
        if (_loggedAt.TryGetValue(code, out var before) && _clock.GetElapsedTime(before, now) < LogInterval)
            return;
        _loggedAt[code] = now;
        LogRefused(_logger, code);
    }

    [LoggerMessage(LogLevel.Error, "The warehouse refused a query with error {Code}. Further refusals within a minute are not logged.")]
    private static partial void LogRefused(ILogger logger, int code);
}

/// <summary>ClickHouse did not answer a query. The message contains no address.</summary>
/// <param name="message">The problem.</param>
/// <param name="code">See <see cref="Code"/>.</param>
/// <param name="inner">The cause.</param>
public sealed class WarehouseUnavailableException(string message, int? code, Exception inner) : Exception(message, inner)
{
    /// <summary>ClickHouse's error code; null if it did not answer.</summary>
    public int? Code => code;
}

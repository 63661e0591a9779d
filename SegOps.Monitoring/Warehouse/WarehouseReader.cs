using System.Collections.Concurrent;
using System.Data.Common;
using System.Net.Sockets;
using System.Net;
using ClickHouse.Driver;
using ClickHouse.Driver.ADO;
using ClickHouse.Driver.ADO.Parameters;
using ClickHouse.Driver.ADO.Readers;
using Microsoft.Extensions.Options;

namespace SegOps.Monitoring.Warehouse;

/// <summary>Runs queries on ClickHouse, and adds the few rows that Monitoring writes, each within <see cref="WarehouseOptions.Deadline"/>.</summary>
internal sealed partial class WarehouseReader : IDisposable
{
    // Not from the factory: its handlers repeat and time out by rules for short calls.
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AutomaticDecompression = DecompressionMethods.All,
        ConnectTimeout = TimeSpan.FromSeconds(2),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    })
    { Timeout = Timeout.InfiniteTimeSpan };
    /// <summary>Whoever asks ten times a second is refused as often.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<int, long> _loggedAt = new();
    private readonly ClickHouseClient _client;
    private readonly TimeSpan _deadline;
    private readonly TimeProvider _clock;
    private readonly ILogger<WarehouseReader> _logger;

    public WarehouseReader(IOptions<WarehouseOptions> options, TimeProvider clock, ILogger<WarehouseReader> logger)
    {
        _client = new ClickHouseClient(new ClickHouseClientSettings(options.Value.ToSettings()) { HttpClient = _http });
        _deadline = options.Value.Deadline;
        _clock = clock;
        _logger = logger;
    }

    /// <summary>
    /// Runs <paramref name="sql"/> and reads all its rows, of which there may be at most <paramref name="maxRows"/>; a statement that
    /// writes has none. <paramref name="within"/> stands in for the deadline where nobody waits.
    /// </summary>
    /// <exception cref="WarehouseUnavailableException">ClickHouse is away, too slow, or refused the query.</exception>
    internal async Task<List<T>> ReadAsync<T>(
        string sql, ClickHouseParameterCollection parameters, int maxRows, Func<ClickHouseDataReader, T> read, CancellationToken cancellationToken,
        TimeSpan? within = null)
    {
        var patience = within ?? _deadline;
        var options = new QueryOptions
        {
            MaxExecutionTime = patience,
            CustomSettings = new Dictionary<string, object> { ["max_result_rows"] = maxRows },
        };
        return await RunAsync(async stop =>
        {
            await using var reader = await _client.ExecuteReaderAsync(sql, parameters, options, stop);
            List<T> rows = [];
            while (await reader.ReadAsync(stop))
                rows.Add(read(reader));
            return rows;
        }, patience, cancellationToken);
    }

    /// <summary>Adds <paramref name="rows"/>, one JSON object a line, to <paramref name="table"/>.</summary>
    /// <exception cref="WarehouseUnavailableException">ClickHouse is away, too slow, or refused them: whether they were added is not known.</exception>
    internal Task InsertAsync(string table, IEnumerable<string> columns, Stream rows, CancellationToken cancellationToken) => RunAsync(async stop =>
    {
        using var answer = await _client.InsertRawStreamAsync(table, rows, "JSONEachRow", columns, cancellationToken: stop);
        return true;
    }, _deadline, cancellationToken);

    private async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> run, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(patience, _clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await run(stop.Token);
        }
        catch (ClickHouseServerException refused)
        {
            // Its text can quote the query's values, user ids among them, so only the code is logged.
            LogRefusedOnce(refused.ErrorCode);
            throw new WarehouseUnavailableException("The warehouse refused the query: try again shortly.", refused.ErrorCode, refused);
        }
        catch (OperationCanceledException exception) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new WarehouseUnavailableException($"The warehouse did not answer within {patience.TotalSeconds} s.", null, exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or SocketException or DbException)
        {
            throw new WarehouseUnavailableException("The warehouse cannot be reached: try again shortly.", null, exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _client.Dispose();
        _http.Dispose();
    }

    private void LogRefusedOnce(int code)
    {
        var now = _clock.GetTimestamp();
        if (_loggedAt.TryGetValue(code, out var before) && _clock.GetElapsedTime(before, now) < Silence)
            return;
        _loggedAt[code] = now;
        LogRefused(_logger, code);
    }

    [LoggerMessage(LogLevel.Error, "The warehouse refused a query with error {Code}; further ones within a minute are not logged.")]
    private static partial void LogRefused(ILogger logger, int code);
}

/// <summary>ClickHouse did not answer a query; the message is for people and names no address.</summary>
/// <param name="message">What happened.</param>
/// <param name="code">ClickHouse's error code, when it answered at all.</param>
/// <param name="inner">The cause.</param>
internal sealed class WarehouseUnavailableException(string message, int? code, Exception inner) : Exception(message, inner)
{
    /// <summary>ClickHouse's error code, when it answered at all.</summary>
    internal int? Code => code;
}

using System.Globalization;
using ClickHouse.Driver;
using ClickHouse.Driver.ADO;
using SegOps.Contracts;
using SegOps.Warehouse;

namespace SegOps.Tests.Integration.Monitoring.Quota;

/// <summary>Stores events in numbers, with ids that the test can name again.</summary>
internal sealed class StoredLive : IDisposable
{
    private readonly WarehouseHttpClient _http = new();
    private readonly ClickHouseClient _client;

    public StoredLive(string connectionString) =>
        _client = new ClickHouseClient(new ClickHouseClientSettings(connectionString) { HttpClient = _http });

    /// <summary>Stores the events <paramref name="first"/> to <paramref name="last"/>.</summary>
    public Task AddAsync(string project, int first, int last, DateTimeOffset receivedAt, string environment = Environments.Live) => RunAsync($"""
        INSERT INTO events (project_id, environment, event_id, event_type, user_id, occurred_at, received_at, request_id, payload)
        SELECT '{project}', '{environment}', reinterpretAsUUID(toUInt128(number)), 'order_placed', 'user-1', '{Text(receivedAt)}', '{Text(receivedAt)}',
            generateUUIDv4(), '{"{}"}'
        FROM numbers({first}, {last - first + 1})
        """);

    /// <summary>Lets what was received at <paramref name="receivedAt"/> have been stored at <paramref name="storedAt"/> by the test's clock.</summary>
    public Task StoredAtAsync(DateTimeOffset receivedAt, DateTimeOffset storedAt) => RunAsync($"""
        INSERT INTO account_changes (source, slice, changed_at)
        SELECT 'receipts', toDateTime(intDiv({receivedAt.ToUnixTimeSeconds()}, 15) * 15, 'UTC'), '{Text(storedAt)[..23]}'
        """);

    /// <summary>Runs a statement.</summary>
    public Task RunAsync(string sql) => _client.ExecuteNonQueryAsync(sql, cancellationToken: TestContext.Current.CancellationToken);

    public void Dispose()
    {
        _client.Dispose();
        _http.Dispose();
    }

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString(EventColumns.TimestampFormat, CultureInfo.InvariantCulture);
}

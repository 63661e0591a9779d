using System.Text;
using System.Text.Json;
using ClickHouse.Driver;
using ClickHouse.Driver.ADO;
using Microsoft.Extensions.Logging.Abstractions;
using SegOps.Contracts;
using SegOps.Ingestor.Schema;
using SegOps.Warehouse;

namespace SegOps.Tests.Fixtures;

/// <summary>The ingestor's own tables in a database of the test's own; disposing of them lets the next test have them, emptied.</summary>
internal sealed class WarehouseTables : IDisposable
{
    /// <summary>Tables in which duplicates stay for the readers to deal with, because nothing is merged.</summary>
    private static readonly string[] Unmerged =
        ["events", "ingestion_errors", "receipts", "account_changes", "accounts", "event_duplicates", "received", "user_trait_values", "users"];

    private readonly WarehouseHttpClient _http = new();
    private readonly ClickHouseClient _client;
    private readonly Action<WarehouseTables>? _giveBack;

    private WarehouseTables(string connectionString, Action<WarehouseTables>? giveBack)
    {
        ConnectionString = connectionString;
        _giveBack = giveBack;
        Settings = new ClickHouseClientSettings(connectionString) { HttpClient = _http };
        _client = new ClickHouseClient(Settings);
    }

    public string ConnectionString { get; }

    private ClickHouseClientSettings Settings { get; }

    /// <summary>Makes them in an empty database.</summary>
    /// <param name="connectionString">Names the database.</param>
    /// <param name="giveBack">Takes them when they are disposed of; without it, they are closed then.</param>
    public static async Task<WarehouseTables> CreateAsync(string connectionString, Action<WarehouseTables>? giveBack = null)
    {
        var tables = new WarehouseTables(connectionString, giveBack);
        await new Migrator(tables._http, tables.Settings, NullLogger<Migrator>.Instance)
            .ApplyAsync(Migration.All, TestContext.Current.CancellationToken);
        foreach (var table in Unmerged)
            await tables.ExecuteAsync($"SYSTEM STOP MERGES {table}");
        return tables;
    }

    /// <summary>Forgets all rows, once nobody works on them any more.</summary>
    public async Task EmptyAsync()
    {
        // A service that was broken off leaves statements behind that may still write.
        await Eventually.IsAsync(0UL, async () => (ulong)(await _client.ExecuteScalarAsync(
            "SELECT count() FROM system.processes WHERE current_database = currentDatabase() AND query_id != queryID()",
            cancellationToken: TestContext.Current.CancellationToken))!);
        foreach (var table in await FilledAsync())
            await ExecuteAsync($"TRUNCATE TABLE {table}");
    }

    /// <summary>Stores one event in an insert of its own.</summary>
    public async Task<Guid> AddEventAsync(
        string project, DateTimeOffset receivedAt, string environment = Environments.Live, string userId = "user-1", string eventType = "order_placed",
        string payload = "{}", Guid? eventId = null)
    {
        var id = eventId ?? Guid.NewGuid();
        await InsertAsync("events", Event(project, receivedAt, environment, userId, eventType, payload, id));
        return id;
    }

    /// <summary>Stores <paramref name="count"/> events in one insert.</summary>
    public Task AddEventsAsync(string project, DateTimeOffset receivedAt, int count) => InsertAsync("events",
        [.. Enumerable.Range(0, count).Select(_ => Event(project, receivedAt, Environments.Live, "user-1", "order_placed", "{}", Guid.NewGuid()))]);

    /// <summary>Stores <paramref name="count"/> events, each of a type of its own, in one insert.</summary>
    public Task AddManyTypesAsync(string project, DateTimeOffset receivedAt, int count) => InsertAsync("events",
        [.. Enumerable.Range(0, count).Select(i => Event(project, receivedAt, Environments.Live, "user-1", $"type_{i}", "{}", Guid.NewGuid()))]);

    /// <summary>Stores an event of each of <paramref name="count"/> projects, in one insert.</summary>
    public Task AddManyProjectsAsync(DateTimeOffset receivedAt, int count) => InsertAsync("events",
        [.. Enumerable.Range(0, count).Select(i => Event($"project_{i}", receivedAt, Environments.Live, "user-1", "order_placed", "{}", Guid.NewGuid()))]);

    /// <summary>Stores one fault or warning in an insert of its own.</summary>
    public Task AddErrorAsync(
        string project, DateTimeOffset receivedAt, string severity, Guid request, int eventIndex = 0, uint occurrences = 1, Guid? errorId = null,
        string environment = Environments.Live, string code = EventErrorCodes.Required, string field = "user_id", string message = "user_id is required.",
        string sample = "", params Guid[] eventIds) =>
        InsertAsync("ingestion_errors", new Dictionary<string, object>
        {
            [IngestionErrorColumns.ProjectId] = project,
            [IngestionErrorColumns.Environment] = environment,
            [IngestionErrorColumns.ErrorId] = errorId ?? Guid.NewGuid(),
            [IngestionErrorColumns.RequestId] = request,
            [IngestionErrorColumns.ReceivedAt] = Text(receivedAt),
            [IngestionErrorColumns.Severity] = severity,
            [IngestionErrorColumns.Code] = code,
            [IngestionErrorColumns.Field] = field,
            [IngestionErrorColumns.Message] = message,
            [IngestionErrorColumns.EventIndex] = eventIndex,
            [IngestionErrorColumns.Occurrences] = occurrences,
            [IngestionErrorColumns.Sample] = sample,
            [IngestionErrorColumns.EventIds] = eventIds,
        });

    /// <summary>Stores the dead letter of a row that ClickHouse refused.</summary>
    /// <returns>The letter's id.</returns>
    public async Task<Guid> AddDeadLetterAsync(
        string project, DateTimeOffset firstSeen, Guid eventId, string raw, string environment = Environments.Live, string table = "events",
        string code = "clickhouse_469", string message = "Code: 469. DB::Exception: Constraint is violated. (VIOLATED_CONSTRAINT) (version 26.7.3)")
    {
        var id = Guid.NewGuid();
        await InsertAsync("dead_letters", new Dictionary<string, object>
        {
            ["project_id"] = project,
            ["environment"] = environment,
            ["dead_letter_id"] = id,
            ["source_table"] = table,
            ["event_id"] = eventId,
            ["code"] = code,
            ["message"] = message,
            ["raw_base64"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(raw)),
            ["first_seen"] = Text(firstSeen),
        });
        return id;
    }

    /// <summary>Stores rows, of which each has the columns of the first one, in one insert.</summary>
    public async Task InsertAsync(string table, params Dictionary<string, object>[] rows)
    {
        using var body = new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', rows.Select(row => JsonSerializer.Serialize(row)))));
        using var answer = await _client.InsertRawStreamAsync(
            table, body, "JSONEachRow", rows[0].Keys, cancellationToken: TestContext.Current.CancellationToken);
    }

    public Task ExecuteAsync(string sql) => _client.ExecuteNonQueryAsync(sql, cancellationToken: TestContext.Current.CancellationToken);

    /// <summary>Rows of a table.</summary>
    public async Task<int> CountAsync(string table, string where) => Convert.ToInt32(
        await _client.ExecuteScalarAsync($"SELECT count() FROM {table} WHERE {where}", cancellationToken: TestContext.Current.CancellationToken),
        System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Lets ClickHouse merge all of a table, as it does by itself some time.</summary>
    public async Task MergeAsync(string table)
    {
        await ExecuteAsync($"SYSTEM START MERGES {table}");
        await ExecuteAsync($"OPTIMIZE TABLE {table} FINAL");
        await ExecuteAsync($"SYSTEM STOP MERGES {table}");
    }

    public void Dispose()
    {
        if (_giveBack is not null)
            _giveBack(this);
        else
            Close();
    }

    /// <summary>Closes the connection; the tables stay.</summary>
    public void Close()
    {
        _client.Dispose();
        _http.Dispose();
    }

    /// <summary>The tables that hold rows, but for the record of the migrations.</summary>
    private async Task<List<string>> FilledAsync()
    {
        var tables = new List<string>();
        await using var reader = await _client.ExecuteReaderAsync(
            "SELECT name FROM system.tables WHERE database = currentDatabase() AND total_rows > 0 AND name != 'schema_migrations'",
            cancellationToken: TestContext.Current.CancellationToken);
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
            tables.Add(reader.GetString(0));
        return tables;
    }

    private static Dictionary<string, object> Event(
        string project, DateTimeOffset receivedAt, string environment, string userId, string eventType, string payload, Guid id) => new()
    {
        [EventColumns.ProjectId] = project,
        [EventColumns.Environment] = environment,
        [EventColumns.EventId] = id,
        [EventColumns.EventType] = eventType,
        [EventColumns.UserId] = userId,
        [EventColumns.OccurredAt] = Text(receivedAt),
        [EventColumns.ReceivedAt] = Text(receivedAt),
        [EventColumns.RequestId] = Guid.NewGuid(),
        [EventColumns.Payload] = payload,
    };

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString(EventColumns.TimestampFormat, System.Globalization.CultureInfo.InvariantCulture);
}

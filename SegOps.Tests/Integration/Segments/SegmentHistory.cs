using ClickHouse.Driver.ADO.Readers;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using SegOps.Segments.Evaluation;
using SegOps.Segments.Rules;
using SegOps.Tests.Fixtures;
using SegOps.Tests.Unit.Segments;
using SegOps.Warehouse;

namespace SegOps.Tests.Integration.Segments;

/// <summary>Stored histories of users, and queries of them.</summary>
internal sealed class SegmentHistory : IDisposable
{
    public const string Project = "p";
    public const string Environment = "live";

    private readonly WarehouseHttpClient _http = new();
    private readonly WarehouseReader _reader;
    private readonly StatementRunner _runner;
    private readonly WarehouseTables _tables;

    private SegmentHistory(WarehouseTables tables)
    {
        _tables = tables;
        var options = Options.Create(new WarehouseOptions { ConnectionString = tables.ConnectionString, Deadline = TimeSpan.FromMinutes(1) });
        _reader = new WarehouseReader(_http, options, TimeProvider.System, NullLogger<WarehouseReader>.Instance);
        _runner = new StatementRunner(_reader, Options.Create(new EvaluationOptions()));
    }

    public StatementRunner Runner => _runner;

    public static async Task<SegmentHistory> CreateAsync(ClickHouseFixture clickHouse) => new(await clickHouse.NewTablesAsync());

    public static Evaluation Of(Rule rule, DateTimeOffset now, string? userId = null) => new(Project, Environment, rule, now, SourceTables.Stored, userId);

    /// <summary>Stores each batch in one insert.</summary>
    public async Task StoreAsync(IEnumerable<IEnumerable<HistoryEvent>> batches)
    {
        foreach (var rows in batches.Select(batch => batch.Select(row => row.Row(Project)).ToArray()).Where(rows => rows.Length > 0))
            await _tables.InsertAsync("events", rows);
    }

    /// <summary>The rows of <see cref="EvaluationSql"/>, by user.</summary>
    public async Task<Dictionary<string, Evaluated>> EvaluateAsync(Rule rule, DateTimeOffset now, string? userId = null) => (await ReadAsync(
        EvaluationSql.Of(Of(rule, now, userId)),
        static row => (User: row.GetString(0), Result: new Evaluated(row.Number(1) == 1, row.Utc(2))))).ToDictionary(static row => row.User, static row => row.Result);

    /// <summary>The rows of the statement for several rules.</summary>
    public Task<List<(string User, IEnumerable<bool> Matched, DateTimeOffset? Next)>> EvaluateTogetherAsync(AllOf rules, DateTimeOffset now) => ReadAsync(
        EvaluationSql.Of(Of(rules, now), rules),
        static row => (row.GetString(0), ((byte[])row.GetValue(1)).Select(static matched => matched == 1), new Evaluated(false, row.Utc(2)).Next));

    public Task<List<T>> ReadAsync<T>(Statement statement, Func<ClickHouseDataReader, T> read) =>
        _runner.ReadAsync(statement, 100_000, read, TestContext.Current.CancellationToken);

    public void Dispose()
    {
        _reader.Dispose();
        _http.Dispose();
        _tables.Dispose();
    }
}

/// <param name="Matched">Whether the user matches.</param>
/// <param name="NextAt">When that can change; 1970 for never.</param>
internal sealed record Evaluated(bool Matched, DateTime NextAt)
{
    public DateTimeOffset? Next => NextAt == DateTime.UnixEpoch ? null : new DateTimeOffset(NextAt, TimeSpan.Zero);
}

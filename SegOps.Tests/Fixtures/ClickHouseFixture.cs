using System.Collections.Concurrent;
using ClickHouse.Driver.ADO;
using SegOps.Tests.Fixtures.Servers;

[assembly: AssemblyFixture(typeof(SegOps.Tests.Fixtures.ClickHouseFixture))]

namespace SegOps.Tests.Fixtures;

/// <summary>One ClickHouse for the whole run, started when first asked for; SEGOPS_TEST_CLICKHOUSE names a server to use instead.</summary>
public sealed class ClickHouseFixture : IAsyncDisposable
{
    private readonly TemporaryFolder _data = new();
    private readonly LazyStart<ClickHouseServer> _clickHouse;
    private readonly ConcurrentQueue<WarehouseTables> _idle = [];

    public ClickHouseFixture() => _clickHouse = new(() => ClickHouseServer.StartAsync(_data.Path));

    /// <summary>A connection string for a new, empty database that no other test uses.</summary>
    public async Task<string> NewDatabaseAsync()
    {
        var builder = new ClickHouseConnectionStringBuilder(await ServerAsync()) { Database = "default" };
        var database = Unique.Name("test_");
        await using var connection = new ClickHouseConnection(builder.ConnectionString);
        await using var command = connection.CreateCommand();
        command.CommandText = $"CREATE DATABASE {database}";
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        builder.Database = database;
        return builder.ConnectionString;
    }

    /// <summary>The ingestor's own tables, empty, in a database that no other test uses until they are disposed of.</summary>
    internal async Task<WarehouseTables> NewTablesAsync()
    {
        // Making them takes a second, so that those which an earlier test has done with are emptied instead.
        if (!_idle.TryDequeue(out var tables))
            return await WarehouseTables.CreateAsync(await NewDatabaseAsync(), _idle.Enqueue);
        await tables.EmptyAsync();
        return tables;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var tables in _idle)
            tables.Close();
        await _clickHouse.DisposeAsync();
        _data.Dispose();
    }

    private async Task<string> ServerAsync() =>
        Environment.GetEnvironmentVariable("SEGOPS_TEST_CLICKHOUSE") is { Length: > 0 } server
            ? server
            : (await _clickHouse.GetAsync()).ConnectionString;
}

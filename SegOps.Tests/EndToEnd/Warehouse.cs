using ClickHouse.Driver.ADO;

namespace SegOps.Tests.EndToEnd;

/// <summary>Looks into ClickHouse itself, past every service.</summary>
internal sealed class Warehouse(string connectionString)
{
    /// <summary>How many events of a request are stored, each counted once.</summary>
    public async Task<int> CountAsync(string requestId) =>
        Convert.ToInt32(await ScalarAsync($"SELECT count() FROM events FINAL WHERE request_id = '{requestId}'"), null);

    /// <summary>The first column of every row.</summary>
    public async Task<IReadOnlyList<string>> ColumnAsync(string sql)
    {
        await using var connection = new ClickHouseConnection(connectionString);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var values = new List<string>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
            values.Add(reader.GetValue(0).ToString()!);
        return values;
    }

    /// <summary>Runs a statement that answers nothing.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var connection = new ClickHouseConnection(connectionString);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    private async Task<object> ScalarAsync(string sql)
    {
        await using var connection = new ClickHouseConnection(connectionString);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }
}

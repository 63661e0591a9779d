using System.Globalization;
using ClickHouse.Driver.ADO;

namespace SegOps.Bench.Monitor;

/// <summary>ClickHouse, asked directly.</summary>
internal sealed class Warehouse(string connectionString)
{
    /// <summary>Runs a statement and returns the first column of its first row, 0 without one.</summary>
    internal async Task<long> RunAsync(string sql, CancellationToken cancellationToken)
    {
        await using var connection = new ClickHouseConnection(connectionString);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        var value = await command.ExecuteScalarAsync(cancellationToken);
        return value is null ? 0 : Convert.ToInt64(value, CultureInfo.InvariantCulture);
    }
}

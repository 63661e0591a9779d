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

    /// <summary>Runs a query of ids and a number for each.</summary>
    internal async Task<IReadOnlyDictionary<Guid, long>> IdsAsync(string sql, CancellationToken cancellationToken)
    {
        await using var connection = new ClickHouseConnection(connectionString);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var numbers = new Dictionary<Guid, long>();
        while (await reader.ReadAsync(cancellationToken))
            numbers.Add(reader.GetGuid(0), Convert.ToInt64(reader.GetValue(1), CultureInfo.InvariantCulture));
        return numbers;
    }
}

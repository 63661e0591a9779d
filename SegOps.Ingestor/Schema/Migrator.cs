using System.Globalization;
using ClickHouse.Driver;
using ClickHouse.Driver.ADO;
using SegOps.Warehouse;

namespace SegOps.Ingestor.Schema;

/// <summary>
/// Applies missing migrations. Statements use IF NOT EXISTS and their record is deduplicated, so that several ingestors
/// can start at the same time.
/// </summary>
internal sealed partial class Migrator(WarehouseHttpClient http, ClickHouseClientSettings connection, ILogger<Migrator> log)
{
    private const string CreateRecord = """
        CREATE TABLE IF NOT EXISTS schema_migrations
        (
            version    UInt32,
            name       String,
            checksum   String,
            applied_at DateTime64(3, 'UTC') DEFAULT now64(3)
        )
        ENGINE = ReplacingMergeTree
        ORDER BY (version, checksum)
        """;

    /// <summary>Creates the database and applies missing <paramref name="migrations"/>, in order.</summary>
    /// <exception cref="SchemaMismatchException">An applied migration has changed.</exception>
    public async Task ApplyAsync(IReadOnlyList<Migration> migrations, CancellationToken cancellationToken)
    {
        using (var server = Client("default"))
            await server.ExecuteNonQueryAsync($"CREATE DATABASE IF NOT EXISTS `{connection.Database}`", cancellationToken: cancellationToken);

        using var client = Client(connection.Database);
        await client.ExecuteNonQueryAsync(CreateRecord, cancellationToken: cancellationToken);
        var applied = await AppliedAsync(client, cancellationToken);
        foreach (var migration in migrations)
        {
            if (applied[migration.Version].FirstOrDefault(checksum => checksum != migration.Checksum) is not null)
                throw new SchemaMismatchException(
                    $"Migration {migration.Name} was applied to the database {connection.Database} with another text. Never edit an applied file; add a new one.");
            if (!applied.Contains(migration.Version))
                await ApplyAsync(client, migration, cancellationToken);
        }

        foreach (var newer in applied.Select(version => version.Key).Except(migrations.Select(migration => migration.Version)))
            LogUnknown(log, newer);
    }

    private async Task ApplyAsync(ClickHouseClient client, Migration migration, CancellationToken cancellationToken)
    {
        try
        {
            await client.ExecuteNonQueryAsync(migration.Sql, cancellationToken: cancellationToken);
        }
        catch (ClickHouseServerException)
        {
            // This statement fails if another ingestor has applied it and later ones.
            if (!(await AppliedAsync(client, cancellationToken))[migration.Version].Contains(migration.Checksum))
                throw;
            return;
        }

        await client.ExecuteNonQueryAsync(
            string.Create(
                CultureInfo.InvariantCulture,
                $"INSERT INTO schema_migrations (version, name, checksum) VALUES ({migration.Version}, '{migration.Name}', '{migration.Checksum}')"),
            cancellationToken: cancellationToken);
        LogApplied(log, migration.Name);
    }

    private static async Task<ILookup<uint, string>> AppliedAsync(ClickHouseClient client, CancellationToken cancellationToken)
    {
        List<(uint Version, string Checksum)> applied = [];
        await using var reader = await client.ExecuteReaderAsync(
            "SELECT version, checksum FROM schema_migrations FINAL", cancellationToken: cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            applied.Add((reader.GetFieldValue<uint>(0), reader.GetString(1)));
        return applied.ToLookup(row => row.Version, row => row.Checksum);
    }

    private ClickHouseClient Client(string database) => new(new ClickHouseClientSettings(connection) { Database = database, HttpClient = http });

    [LoggerMessage(Level = LogLevel.Information, Message = "Applied migration {Name}.")]
    private static partial void LogApplied(ILogger log, string name);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database holds migration {Version}, which is unknown to this build. A newer build applied it.")]
    private static partial void LogUnknown(ILogger log, uint version);
}

using System.Globalization;
using System.Text.RegularExpressions;
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

    /// <summary>
    /// The oldest ClickHouse: the first with long-term support that has the limits of Memory tables, which came with 24.4 (migration 0018).
    /// </summary>
    private static readonly Version Oldest = new(24, 8);

    /// <summary>Creates the database and applies missing <paramref name="migrations"/>, in order.</summary>
    /// <exception cref="SchemaMismatchException">An applied migration has changed.</exception>
    /// <exception cref="UnsupportedVersionException">ClickHouse is too old.</exception>
    public async Task ApplyAsync(IReadOnlyList<Migration> migrations, CancellationToken cancellationToken)
    {
        using (var server = Client("default"))
        {
            await CheckVersionAsync(server, cancellationToken);
            await server.ExecuteNonQueryAsync($"CREATE DATABASE IF NOT EXISTS `{connection.Database}`", cancellationToken: cancellationToken);
        }

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

        // Everything so far can succeed without a write. A server that cannot write must not count as ready. The copied record changes nothing.
        await client.ExecuteNonQueryAsync(
            string.Create(
                CultureInfo.InvariantCulture,
                $"INSERT INTO schema_migrations SELECT * FROM schema_migrations FINAL WHERE version = {migrations[^1].Version}"),
            cancellationToken: cancellationToken);

        foreach (var newer in applied.Select(version => version.Key).Except(migrations.Select(migration => migration.Version)))
            LogUnknown(log, newer);
    }

    /// <summary>Refuses a version that is too old.</summary>
    /// <exception cref="UnsupportedVersionException"><paramref name="version"/> is older than <see cref="Oldest"/>.</exception>
    internal static void CheckVersion(string version)
    {
        // Packagers append their own parts, such as 26.7.3.19.altinitystable.
        if (VersionStart().Match(version) is { Success: true } start && Version.Parse(start.Value) < Oldest)
            throw new UnsupportedVersionException($"ClickHouse {start.Value} is older than {Oldest}, the oldest that SegOps supports. Upgrade it.");
    }

    /// <summary>
    /// Removes from a statement that only changes settings of a table those that are not <paramref name="known"/>. Newer versions of ClickHouse have
    /// more settings, and none that migrations change is necessary.
    /// </summary>
    /// <returns>The statement, null if nothing is left of it, and the removed settings.</returns>
    internal static (string? Sql, IReadOnlyList<string> Removed) Supported(string sql, IReadOnlySet<string> known)
    {
        if (ModifySetting().Match(sql) is not { Success: true } statement)
            return (sql, []);
        var settings = statement.Groups[2].Value.Split(',', StringSplitOptions.TrimEntries).ToLookup(setting => known.Contains(setting.Split('=')[0].TrimEnd()));
        return (
            settings[true].Any() ? statement.Groups[1].Value + string.Join(", ", settings[true]) : null,
            [.. settings[false].Select(setting => setting.Split('=')[0].TrimEnd())]);
    }

    private static async Task CheckVersionAsync(ClickHouseClient server, CancellationToken cancellationToken) =>
        CheckVersion((string)(await server.ExecuteScalarAsync("SELECT version()", cancellationToken: cancellationToken))!);

    private async Task<string?> SupportedAsync(ClickHouseClient client, Migration migration, CancellationToken cancellationToken)
    {
        if (!ModifySetting().IsMatch(migration.Sql))
            return migration.Sql;
        HashSet<string> known = [];
        await using var reader = await client.ExecuteReaderAsync("SELECT name FROM system.merge_tree_settings", cancellationToken: cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            known.Add(reader.GetString(0));
        var (sql, removed) = Supported(migration.Sql, known);
        if (removed.Count > 0)
            LogUnknownSettings(log, migration.Name, removed);
        return sql;
    }

    private async Task ApplyAsync(ClickHouseClient client, Migration migration, CancellationToken cancellationToken)
    {
        try
        {
            if (await SupportedAsync(client, migration, cancellationToken) is { } sql)
                await client.ExecuteNonQueryAsync(sql, cancellationToken: cancellationToken);
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

    [GeneratedRegex(@"^\d+\.\d+(\.\d+){0,2}")]
    private static partial Regex VersionStart();

    [GeneratedRegex(@"^((?:--[^\n]*\n|\s)*ALTER TABLE \w+ MODIFY SETTING )([^;]+)$")]
    private static partial Regex ModifySetting();

    [LoggerMessage(Level = LogLevel.Information, Message = "Migration {Name} leaves out table settings that this ClickHouse does not have: {Settings}. They only save work.")]
    private static partial void LogUnknownSettings(ILogger log, string name, IReadOnlyList<string> settings);

    [LoggerMessage(Level = LogLevel.Information, Message = "Applied migration {Name}.")]
    private static partial void LogApplied(ILogger log, string name);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database holds migration {Version}, which is unknown to this build. A newer build applied it.")]
    private static partial void LogUnknown(ILogger log, uint version);
}

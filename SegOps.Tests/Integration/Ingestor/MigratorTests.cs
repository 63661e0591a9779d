using ClickHouse.Driver.ADO;
using Microsoft.Extensions.Logging.Abstractions;
using SegOps.Ingestor.Schema;
using SegOps.Tests.Fixtures;
using SegOps.Warehouse;

namespace SegOps.Tests.Integration.Ingestor;

public sealed class MigratorTests(ClickHouseFixture clickHouse) : IDisposable
{
    private readonly WarehouseHttpClient _http = new();

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task ApplyAsync_NoDatabase_MakesItWithAllTables()
    {
        var database = new ClickHouseConnectionStringBuilder(await clickHouse.NewDatabaseAsync()) { Database = Unique.Name("made_") }.ConnectionString;

        await ApplyAsync(database, Migration.All);

        Assert.Equal(
            "account_changes,account_changes_from_errors,account_changes_from_receipts,account_changes_from_received,account_types,account_types_from_accounts,accounts,dead_letter_replays,dead_letters," +
            "event_duplicates,events,ingestion_errors,latest_traits,receipts,receipts_from_events,received,recent_events,recent_events_from_events," +
            "schema_migrations,segment_changes,segment_computed,segment_due,segment_flips,segment_members,segment_passes,segment_results," +
            "user_changes,user_changes_from_users,user_segments,user_trait_values,user_trait_values_from_events,user_traits,users,users_from_events",
            await IngestorHost.AskAsync(
                database, "SELECT arrayStringConcat(arraySort(groupArray(name)), ',') FROM system.tables WHERE database = currentDatabase()"));
    }

    [Fact]
    public async Task ApplyAsync_Twice_RecordsEachMigrationOnce()
    {
        var database = await clickHouse.NewDatabaseAsync();

        await ApplyAsync(database, Migration.All);
        await ApplyAsync(database, Migration.All);

        Assert.Equal($"{Migration.All.Count}", await IngestorHost.AskAsync(database, "SELECT count() FROM schema_migrations FINAL"));
    }

    [Fact]
    public async Task ApplyAsync_StatementRanAndWasNotRecorded_RepeatsIt()
    {
        var database = await clickHouse.NewDatabaseAsync();
        foreach (var count in Enumerable.Range(1, Migration.All.Count))
        {
            await ApplyAsync(database, [.. Migration.All.Take(count)]);
            await IngestorHost.AskAsync(database, $"DELETE FROM schema_migrations WHERE version = {count}");
            await ApplyAsync(database, [.. Migration.All.Take(count)]);
        }

        Assert.Equal($"{Migration.All.Count}", await IngestorHost.AskAsync(database, "SELECT count() FROM schema_migrations FINAL"));
    }

    [Fact]
    public async Task ApplyAsync_SeveralAtOnce_LeavesOneSchema()
    {
        var database = await clickHouse.NewDatabaseAsync();

        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => ApplyAsync(database, Migration.All)));

        Assert.Equal($"{Migration.All.Count}", await IngestorHost.AskAsync(database, "SELECT count() FROM schema_migrations FINAL"));
        await ApplyAsync(database, Migration.All);
    }

    /// <summary>Events are stored before there are traits, and between the view and the step that fills in the traits of events from before.</summary>
    [Fact]
    public async Task ApplyAsync_IdentifiesStoredBefore_GivesTheirTraits()
    {
        var database = await clickHouse.NewDatabaseAsync();
        await ApplyAsync(database, [.. Migration.All.TakeWhile(migration => migration.Name[4..] != "_events_position")]);
        await StoreAsync("email", "2026-01-01");
        await StoreAsync("plan", "2026-01-02");
        await ApplyAsync(database, [.. Migration.All.TakeWhile(migration => migration.Name[4..] != "_traits_of_stored_events")]);
        await StoreAsync("plan", "2026-01-03");

        await ApplyAsync(database, Migration.All);

        Assert.Equal("""{"email":"2026-01-01","plan":"2026-01-03"}""", await IngestorHost.AskAsync(database, "SELECT traits FROM user_traits WHERE user_id = 'u'"));
        Assert.Equal("3", await IngestorHost.AskAsync(database, "SELECT count() FROM user_trait_values FINAL"));

        Task StoreAsync(string trait, string day) => IngestorHost.AskAsync(
            database,
            $$"""
            INSERT INTO events (project_id, environment, event_id, event_type, user_id, occurred_at, received_at, request_id, payload)
            SELECT 'prj_1', 'live', generateUUIDv4(), 'context_identified', 'u', toDateTime64('{{day}}', 6, 'UTC') AS at, at, generateUUIDv4(), '{"{{trait}}":"{{day}}"}'
            """);
    }

    [Fact]
    public async Task ApplyAsync_AppliedFileEdited_RefusesAndNamesIt()
    {
        var database = await clickHouse.NewDatabaseAsync();
        await ApplyAsync(database, Migration.All);
        var edited = Migration.All.Select(migration => migration.Version == 2 ? migration with { Sql = migration.Sql + " " } : migration).ToList();

        var refusal = await Assert.ThrowsAsync<SchemaMismatchException>(() => ApplyAsync(database, edited));

        Assert.Contains("0002_ingestion_errors", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ApplyAsync_NewerBuildWasHere_LeavesItsWorkAlone()
    {
        var database = await clickHouse.NewDatabaseAsync();
        await ApplyAsync(database, [.. Migration.All, new Migration(9999, "9999_newer", "CREATE TABLE IF NOT EXISTS newer (n UInt8) ENGINE = MergeTree ORDER BY n")]);

        await ApplyAsync(database, Migration.All);

        Assert.Equal("1", await IngestorHost.AskAsync(database, "SELECT count() FROM schema_migrations FINAL WHERE version = 9999"));
    }

    [Fact]
    public async Task ApplyAsync_TableSettingThatClickHouseDoesNotHave_IsLeftOut()
    {
        var database = await clickHouse.NewDatabaseAsync();

        await ApplyAsync(database,
        [
            new Migration(1, "0001_table", "CREATE TABLE IF NOT EXISTS some (n UInt8) ENGINE = MergeTree ORDER BY n"),
            new Migration(2, "0002_settings", "ALTER TABLE some MODIFY SETTING of_a_later_version = 1, merge_selector_base = 10"),
        ]);

        Assert.Equal("1", await IngestorHost.AskAsync(database, "SELECT count() FROM schema_migrations FINAL WHERE version = 2"));
        Assert.Contains("merge_selector_base = 10", await IngestorHost.AskAsync(database, "SHOW CREATE TABLE some"), StringComparison.Ordinal);
    }

    private Task ApplyAsync(string database, IReadOnlyList<Migration> migrations) =>
        new Migrator(_http, new ClickHouseClientSettings(database), NullLogger<Migrator>.Instance)
            .ApplyAsync(migrations, TestContext.Current.CancellationToken);
}

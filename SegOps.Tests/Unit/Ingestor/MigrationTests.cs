using SegOps.Contracts;
using SegOps.Ingestor.Schema;
using SegOps.Ingestor.Writing;
using SegOps.Warehouse;

namespace SegOps.Tests.Unit.Ingestor;

public sealed class MigrationTests
{
    [Fact]
    public void All_Versions_CountFromOneWithoutAGap() =>
        Assert.Equal(Enumerable.Range(1, Migration.All.Count).Select(i => (uint)i), Migration.All.Select(migration => migration.Version));

    /// <summary>Those that fill tables do so with rows that merge into the ones there already; a view's query is the same when it is set again.</summary>
    [Fact]
    public void All_Statements_CanBeRepeated() => Assert.All(
        Migration.All,
        migration => Assert.Matches(@"IF (NOT )?EXISTS|MODIFY QUERY|MODIFY SETTING|^(--.*\n)*INSERT INTO (event_receipts|user_activity|quarter_changes|user_trait_values|receipts|account_changes|accounts|account_types|users)\b", migration.Sql));

    [Fact]
    public void All_Statements_AreOneEach() =>
        Assert.All(Migration.All, migration => Assert.DoesNotContain(";", migration.Sql, StringComparison.Ordinal));

    [Fact]
    public void Checksum_EditedStatement_Differs() =>
        Assert.NotEqual(Migration.All[0].Checksum, (Migration.All[0] with { Sql = Migration.All[0].Sql + " " }).Checksum);

    [Fact]
    public void Columns_OfTheStreams_StandInTheTables()
    {
        Assert.All(StreamTarget.Events.Columns.Except([EventColumns.Position]), column => AssertHasColumn("_events", column));
        AssertHasColumn("_events_position", EventColumns.Position);
        Assert.All(StreamTarget.Rejections.Columns.Except([IngestionErrorColumns.Sample, IngestionErrorColumns.EventIds]), column => AssertHasColumn("_ingestion_errors", column));
        AssertHasColumn("_ingestion_errors_sample", IngestionErrorColumns.Sample);
        AssertHasColumn("_ingestion_errors_event_ids", IngestionErrorColumns.EventIds);
        Assert.All(StreamTarget.Received.Columns, column => AssertHasColumn("_received", column));
        Assert.All(DeadLetter.Columns, column => AssertHasColumn("_dead_letters", column));
    }

    [Theory]
    [InlineData("_user_trait_values_from_events")]
    [InlineData("_traits_of_stored_events")]
    public void Traits_OfAnIdentify_AreAsManyAsIngestionSays(string name)
    {
        var sql = Migration.All.Single(each => each.Name[4..] == name).Sql;

        Assert.Contains($"arraySlice(JSONExtractKeysAndValuesRaw(payload), 1, {EventLimits.MaxTraits})", sql, StringComparison.Ordinal);
        Assert.Contains($"event_type = '{EventColumns.IdentifyType}'", sql, StringComparison.Ordinal);
    }

    /// <summary>The view and the backfill must give the same rows, which then merge.</summary>
    [Fact]
    public void Traits_OfStoredEvents_AreSelectedAsTheViewDoes() => Assert.Equal(Source("_user_trait_values_from_events"), Source("_traits_of_stored_events"));

    private static string Source(string migration)
    {
        var sql = Migration.All.Single(each => each.Name[4..] == migration).Sql.Replace(" AS trait,", ",", StringComparison.Ordinal).Replace(" AS written", "", StringComparison.Ordinal);
        return sql[sql.IndexOf("SELECT", StringComparison.Ordinal)..];
    }

    /// <summary>The view and the backfill must choose the same window, or copies of an event are not found.</summary>
    [Fact]
    public void Receipts_OfStoredEvents_AreMadeAsTheViewDoes() => Assert.Equal(
        Made("0041_receipts_from_events"), Made("0046_receipts_of_stored_events").Replace("(at)", "(received_at)", StringComparison.Ordinal));

    private static string Made(string migration)
    {
        var sql = Migration.All.Single(each => each.Name == migration).Sql;
        return sql[sql.IndexOf("    if(\n        bitAnd", StringComparison.Ordinal)..sql.IndexOf(" AS made", StringComparison.Ordinal)];
    }

    [Theory]
    [InlineData("26.7.3.19")]
    [InlineData("24.8.1.1")]
    [InlineData("25.3.2.39.altinitystable")]
    [InlineData("unknown")]
    public void CheckVersion_Supported_Passes(string version) => Migrator.CheckVersion(version);

    [Theory]
    [InlineData("24.3.5.46", "ClickHouse 24.3.5.46 is older than 24.8, the oldest that SegOps supports. Upgrade it.")]
    [InlineData("18.16.1", "ClickHouse 18.16.1 is older than 24.8, the oldest that SegOps supports. Upgrade it.")]
    public void CheckVersion_TooOld_SaysWhichIsNeeded(string version, string message) =>
        Assert.Equal(message, Assert.Throws<UnsupportedVersionException>(() => Migrator.CheckVersion(version)).Message);

    [Fact]
    public void Supported_SettingsOfNewerVersions_AreLeftOut()
    {
        var (sql, removed) = Migrator.Supported("-- Why.\nALTER TABLE events MODIFY SETTING auto_statistics_types = '', merge_selector_base = 10", new HashSet<string> { "merge_selector_base" });

        Assert.Equal("-- Why.\nALTER TABLE events MODIFY SETTING merge_selector_base = 10", sql);
        Assert.Equal(["auto_statistics_types"], removed);
    }

    [Fact]
    public void Supported_NoSettingIsKnown_LeavesNothingToDo() =>
        Assert.Null(Migrator.Supported("ALTER TABLE events MODIFY SETTING auto_statistics_types = ''", new HashSet<string>()).Sql);

    [Fact]
    public void Supported_OtherStatements_StayAsTheyAre() => Assert.All(
        Migration.All.Where(migration => !migration.Sql.Contains("MODIFY SETTING", StringComparison.Ordinal)),
        migration => Assert.Same(migration.Sql, Migrator.Supported(migration.Sql, new HashSet<string>()).Sql));

    [Fact]
    public void Supported_AllSettingsAreKnown_StaysAsItIs() => Assert.All(
        Migration.All.Where(migration => migration.Sql.Contains("MODIFY SETTING", StringComparison.Ordinal)),
        migration => Assert.Equal(migration.Sql, Migrator.Supported(migration.Sql, new HashSet<string> { "auto_statistics_types", "merge_selector_base" }).Sql));

    private static void AssertHasColumn(string migration, string column) =>
        Assert.Matches($@"\n    {column} +[A-Z]", Migration.All.Single(each => each.Name[4..] == migration).Sql);
}

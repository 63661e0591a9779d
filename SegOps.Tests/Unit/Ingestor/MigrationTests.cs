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
        migration => Assert.Matches(@"IF (NOT )?EXISTS|MODIFY QUERY|MODIFY SETTING|^(--.*\n)*INSERT INTO (event_receipts|user_activity|quarter_changes|user_trait_values)\b", migration.Sql));

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

    private static void AssertHasColumn(string migration, string column) =>
        Assert.Matches($@"\n    {column} +[A-Z]", Migration.All.Single(each => each.Name[4..] == migration).Sql);
}

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
        migration => Assert.Matches(@"IF NOT EXISTS|MODIFY QUERY|MODIFY SETTING|^(--.*\n)*INSERT INTO (event_receipts|user_activity|quarter_changes)\b", migration.Sql));

    [Fact]
    public void All_Statements_AreOneEach() =>
        Assert.All(Migration.All, migration => Assert.DoesNotContain(";", migration.Sql, StringComparison.Ordinal));

    [Fact]
    public void Checksum_EditedStatement_Differs() =>
        Assert.NotEqual(Migration.All[0].Checksum, (Migration.All[0] with { Sql = Migration.All[0].Sql + " " }).Checksum);

    [Fact]
    public void Columns_OfTheStreams_StandInTheTables()
    {
        Assert.All(StreamTarget.Events.Columns, column => AssertHasColumn("_events", column));
        Assert.All(StreamTarget.Rejections.Columns.Except([IngestionErrorColumns.Sample, IngestionErrorColumns.EventIds]), column => AssertHasColumn("_ingestion_errors", column));
        AssertHasColumn("_ingestion_errors_sample", IngestionErrorColumns.Sample);
        AssertHasColumn("_ingestion_errors_event_ids", IngestionErrorColumns.EventIds);
        Assert.All(DeadLetter.Columns, column => AssertHasColumn("_dead_letters", column));
    }

    private static void AssertHasColumn(string migration, string column) =>
        Assert.Matches($@"\n    {column} +[A-Z]", Migration.All.Single(each => each.Name[4..] == migration).Sql);
}

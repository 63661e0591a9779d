using SegOps.Bench.Reporting;

namespace SegOps.Bench.Tests;

public sealed class OutcomeTests
{
    [Fact]
    public void Succeeded_FiguresAndExactCounts_IsTrue() =>
        Assert.True(Of(Figures(1.5), new ExactCount("Events", 7, 7)).Succeeded);

    [Fact]
    public void Failures_OneEventTooFew_NameBothNumbers() =>
        Assert.Equal(["Events stored: 1,199 of 1,200, which is not exact."], Of(Figures(1.5), new ExactCount("Events stored", 1_200, 1_199)).Failures);

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(-1)]
    public void Failures_FigureThatCannotBe_NameItsPlace(double figure) =>
        Assert.Contains("'median ms' of 'volume'", Assert.Single(Of(Figures(figure)).Failures), StringComparison.Ordinal);

    [Fact]
    public void Failures_TableWithoutFigures_NameIt() =>
        Assert.Equal(["The table 'answer' has no figures."], Of(new Table("answer", "median ms")).Failures);

    [Fact]
    public void Succeeded_NoTables_IsFalse() => Assert.False(new Outcome { Conditions = "", Tables = [] }.Succeeded);

    [Fact]
    public void Failures_Aborted_AreItsReasonAlone() => Assert.Equal(["It went dark."], Outcome.Aborted("It went dark.").Failures);

    [Fact]
    public void Add_TooFewCells_Throws() => Assert.Throws<ArgumentException>(() => new Table("answer", "median ms").Add("volume"));

    private static Outcome Of(Table table, params ExactCount[] counts) => new() { Conditions = "By hand.", Tables = [table], Counts = counts };

    private static Table Figures(double figure)
    {
        var table = new Table("answer", "median ms", "ratio");
        table.Add("volume", Cell.Of(figure, "F1"), "");
        return table;
    }
}

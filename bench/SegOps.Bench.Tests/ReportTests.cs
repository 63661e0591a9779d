using System.Text.Json;
using SegOps.Bench.Reporting;
using SegOps.Tests.Fixtures;

namespace SegOps.Bench.Tests;

public sealed class ReportTests
{
    private static readonly Machine Machine = new("A processor", 2, 25_000_000_000, "Linux", ".NET 10", IsOptimized: true);

    [Fact]
    public void Write_Json_HoldsFiguresBesideTheirTexts()
    {
        using var folder = new TemporaryFolder();

        Write(folder, Figures());

        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder.Path, Report.JsonFile)));
        var cell = json.RootElement.GetProperty("experiments")[0].GetProperty("outcome").GetProperty("tables")[0].GetProperty("rows")[0][1];
        Assert.Equal(("1,235", 1234.6), (cell.GetProperty("text").GetString(), cell.GetProperty("figure").GetDouble()));
    }

    [Fact]
    public void Write_Json_NamesTheMachine()
    {
        using var folder = new TemporaryFolder();

        Write(folder, Figures());

        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder.Path, Report.JsonFile)));
        Assert.Equal(2, json.RootElement.GetProperty("machine").GetProperty("cores").GetInt32());
    }

    [Fact]
    public void Write_Json_TellsThatACountIsNotExact()
    {
        using var folder = new TemporaryFolder();

        Write(folder, Figures() with { Counts = [new ExactCount("Events", 2, 1)] });

        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder.Path, Report.JsonFile)));
        Assert.False(json.RootElement.GetProperty("experiments")[0].GetProperty("outcome").GetProperty("succeeded").GetBoolean());
    }

    [Fact]
    public void Write_FigureThatIsNoNumber_IsWrittenAllTheSame()
    {
        using var folder = new TemporaryFolder();
        var table = new Table("work", "ns");
        table.Add("walk", Cell.Of(double.NaN, "F0"));

        Write(folder, Figures() with { Tables = [table] });

        Assert.Contains("**FAILED**", File.ReadAllText(Path.Combine(folder.Path, Report.MarkdownFile)), StringComparison.Ordinal);
    }

    [Fact]
    public void Write_Markdown_HasMachineConditionsTableAndCounts()
    {
        using var folder = new TemporaryFolder();

        Write(folder, Figures() with { Counts = [new ExactCount("Events", 2, 2)] });

        Assert.Equal(
            """
            # Benchmark of SegOps

            2026-01-02 03:04 UTC. A processor, 2 cores, 25 GB, Linux, .NET 10.

            ## write

            Two rounds.

            | work | rows a second |
            |------|--------------:|
            | loop |         1,235 |

            - Events: 2 of 2.


            """, File.ReadAllText(Path.Combine(folder.Path, Report.MarkdownFile)), ignoreLineEndingDifferences: true);
    }

    [Fact]
    public void Write_FolderThatIsNotThere_IsMade()
    {
        using var folder = new TemporaryFolder();
        var inner = new DirectoryInfo(Path.Combine(folder.Path, "a", "b"));

        new Report(default, Machine, []).Write(inner);

        Assert.Equal([Report.JsonFile, Report.MarkdownFile], inner.GetFiles().Select(file => file.Name).Order());
    }

    private static Outcome Figures()
    {
        var table = new Table("work", "rows a second");
        table.Add("loop", Cell.Of(1234.6, "N0"));
        return new Outcome { Conditions = "Two rounds.", Tables = [table] };
    }

    private static void Write(TemporaryFolder folder, Outcome outcome) =>
        new Report(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), Machine, [new Reported("write", 1.5, outcome)]).Write(new DirectoryInfo(folder.Path));
}

using System.Globalization;
using SegOps.Bench.Reporting;
using SegOps.Bench.Running;

namespace SegOps.Bench.Write;

/// <summary>Measures the ingestor's cost against the minimum cost of storing the same rows.</summary>
internal static class WriteExperiment
{
    private static readonly int[] Projects = [1, 100, 1_000];

    /// <summary>Runs <paramref name="rounds"/> rounds, in which the ingestor and the loop each store <paramref name="events"/> events.</summary>
    internal static async Task<Outcome> RunAsync(int rounds, int events, Progress progress, CancellationToken cancellationToken)
    {
        progress.Show("Starting the system");
        await using var bench = await BenchSystem.StartAsync(cancellationToken);
        await using var rig = new WriteRig(bench.System);
        var table = new Table(
            "rows of", "stored by", "rows a second", "CPU microseconds a row", "of it in ClickHouse", "ratio of all CPU");
        foreach (var projects in Projects)
        {
            var runs = rig.Writers.ToDictionary(writer => writer, _ => new List<WriteRun>());
            for (var round = 0; round <= rounds; round++)
            {
                progress.Show($"{projects} projects: round {round} of {rounds}");
                foreach (var writer in rig.Writers)
                {
                    var run = await rig.RunAsync(writer, RowMessage.Make(events / RowMessage.Rows, projects), cancellationToken);
                    if (round > 0) // The first round is the warm-up.
                        runs[writer].Add(run);
                }
            }
            var basis = Statistics.Median(runs[rig.Writers[0]].Select(run => run.Cpu));
            foreach (var writer in rig.Writers)
                Add(table, projects, writer, runs[writer], basis);
        }
        return new Outcome
        {
            Conditions = string.Create(CultureInfo.InvariantCulture,
                $"Medians of {rounds} rounds of {events:N0} rows, in messages of {RowMessage.Rows}. Processor time includes ClickHouse's merges."),
            Tables = [table],
            Counts = [new ExactCount("Events stored of those given", rig.Given, await rig.Warehouse.EventsAsync(project: null, cancellationToken))],
        };
    }

    private static void Add(Table table, int projects, Writer writer, List<WriteRun> runs, double basis)
    {
        var cpu = Statistics.Median(runs.Select(run => run.Cpu));
        table.Add(
            string.Create(CultureInfo.InvariantCulture, $"{projects:N0} project{(projects == 1 ? "" : "s")}"), writer.Name,
            Cell.Of(Statistics.Median(runs.Select(run => run.RowsPerSecond)), "N0"), Cell.Of(cpu, "F2"),
            Cell.Of(Statistics.Median(runs.Select(run => run.ClickHouseCpu)), "F2"), Cell.Of(cpu / basis, "F2"));
    }
}

using System.Globalization;
using SegOps.Bench.Reporting;
using SegOps.Bench.Running;

namespace SegOps.Bench.Write;

/// <summary>What the ingestor costs beside what storing the same rows costs at least.</summary>
internal static class WriteExperiment
{
    private static readonly int[] Projects = [1, 100, 1_000];

    /// <summary>Has the ingestor and the loop store as many events in each of <paramref name="rounds"/> rounds, alternating.</summary>
    internal static async Task<Outcome> RunAsync(int rounds, int events, Progress progress, CancellationToken cancellationToken)
    {
        progress.Say("Starting the system");
        await using var bench = await BenchSystem.StartAsync(cancellationToken);
        await using var rig = new WriteRig(bench.System);
        var table = new Table(
            "rows of", "stored by", "rows a second", "CPU microseconds a row", "of it in ClickHouse", "ratio of all CPU");
        foreach (var projects in Projects)
        {
            var runs = rig.Writers.ToDictionary(writer => writer, _ => new List<WriteRun>());
            for (var round = 0; round <= rounds; round++)
            {
                progress.Say($"{projects} projects: round {round} of {rounds}");
                foreach (var writer in rig.Writers)
                {
                    var run = await rig.RunAsync(writer, RowMessage.Make(events / RowMessage.Rows, projects), cancellationToken);
                    if (round > 0) // the first compiles code
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
                $"Medians of {rounds} rounds of {events:N0} rows, in messages of {RowMessage.Rows}; processor time until ClickHouse has merged them, too."),
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

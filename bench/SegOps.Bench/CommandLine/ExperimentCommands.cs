using System.CommandLine;
using SegOps.Bench.Backlog;
using SegOps.Bench.Running;

namespace SegOps.Bench.CommandLine;

/// <summary>The commands that measure and write a report.</summary>
internal static class ExperimentCommands
{
    private static readonly Option<DirectoryInfo> Output = new("--output")
    {
        Description = "Where to write report.json and report.md.",
        HelpName = "DIR",
        DefaultValueFactory = _ => new DirectoryInfo("bench-results"),
    };

    /// <summary>All of them.</summary>
    internal static IEnumerable<Command> Create()
    {
        yield return Experimenting("all", "Everything below as it is by default, and monitor with 1, 10 and 100 million events; takes 75 minutes or so.", _ => Experiments.All);
        yield return Experimenting("smoke", "Everything below in its shortest form, to see that the output is right; the figures say nothing.", _ => Experiments.Smoke);
        yield return Experimenting("ingest", "Ingestion's validation and encoding, beside a bare walk over the same JSON.", _ => [Experiments.Ingest()]);

        var rounds = NumberOption.Create("--rounds", "How often each is measured.", 5, 1, 100);
        var seconds = NumberOption.Create("--seconds", "How long each time.", 5, 1, 300);
        yield return Experimenting(
            "gateway", "The gateway with authentication and limits, beside bare YARP.",
            result => [Experiments.Gateway(result.GetRequiredValue(rounds), TimeSpan.FromSeconds(result.GetRequiredValue(seconds)))], rounds, seconds);

        var rows = NumberOption.Create("--events", "Events of a round.", 500_000, 500, 5_000_000);
        var writes = NumberOption.Create("--rounds", "How often each is measured.", 5, 1, 100);
        yield return Experimenting(
            "write", "The ingestor, beside the simplest loop that inserts the same bytes.",
            result => [Experiments.Write(result.GetRequiredValue(writes), result.GetRequiredValue(rows))], writes, rows);

        var starts = NumberOption.Create("--rounds", "How often each is started.", 5, 1, 100);
        yield return Experimenting(
            "start", "How soon each service and the app host answer, beside an empty ASP.NET Core application and an empty app host.",
            result => [Experiments.Start(result.GetRequiredValue(starts))], starts);

        var sustained = NumberOption.Create("--seconds", "How long the maximum has to be sustained; below 10 small rates are sent instead, to see that all works.", 60, 1, 3_600);
        yield return Experimenting(
            "pipeline", "Events a second from the client into ClickHouse, what each costs and how soon it can be queried.",
            result => [Experiments.Pipeline(TimeSpan.FromSeconds(result.GetRequiredValue(sustained)))], sustained);

        var queued = NumberOption.Create("--events", "Events accepted while the ingestor is away.", 5_000_000L, 500, BacklogExperiment.MostEvents);
        yield return Experimenting(
            "backlog", "How fast a backlog drains, and with how much memory.", result => [Experiments.Backlog(result.GetRequiredValue(queued))], queued);

        var stored = NumberOption.CreateMany("--events", "Events in the table; may be given several times.", 10_000_000L, 100, 200_000_000);
        var asked = NumberOption.Create("--rounds", "How often everything is asked.", 10, 1, 1_000);
        yield return Experimenting(
            "monitor", "Monitoring's answers, beside the same figures counted from all events.",
            result => [Experiments.Monitor(result.GetRequiredValue(stored), result.GetRequiredValue(asked))], stored, asked);
    }

    private static Command Experimenting(string name, string description, Func<ParseResult, IReadOnlyList<Experiment>> choose, params Option[] options)
    {
        var command = new Command(name, description + " Exits 0 only if the output is right.") { Output };
        foreach (var option in options)
            command.Options.Add(option);
        command.SetAction((result, cancellationToken) => ExperimentRun.RunAsync(choose(result), result.GetRequiredValue(Output), cancellationToken));
        return command;
    }
}

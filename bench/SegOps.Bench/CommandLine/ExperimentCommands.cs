using System.CommandLine;
using SegOps.Bench.Backlog;
using SegOps.Bench.Running;

namespace SegOps.Bench.CommandLine;

/// <summary>The commands that measure and write a report.</summary>
internal static class ExperimentCommands
{
    private static readonly Option<DirectoryInfo> Output = new("--output")
    {
        Description = "Folder for report.json and report.md.",
        HelpName = "DIR",
        DefaultValueFactory = _ => new DirectoryInfo("bench-results"),
    };

    /// <summary>Creates the commands.</summary>
    internal static IEnumerable<Command> Create()
    {
        yield return ExperimentCommand("all", "Runs all experiments with their defaults, and monitor with 1, 10 and 100 million events. Takes about 75 minutes.", _ => Experiments.All);
        yield return ExperimentCommand("smoke", "Runs the shortest form of all experiments. Checks the output only; the figures mean nothing.", _ => Experiments.Smoke);
        yield return ExperimentCommand("ingest", "Measures Ingestion's validation and encoding against reading the same JSON tokens.", _ => [Experiments.Ingest()]);

        var rounds = NumberOption.Create("--rounds", "Number of rounds.", 5, 1, 100);
        var seconds = NumberOption.Create("--seconds", "Duration of each measurement.", 5, 1, 300);
        yield return ExperimentCommand(
            "gateway", "Measures the gateway with authentication and limits against bare YARP.",
            result => [Experiments.Gateway(result.GetRequiredValue(rounds), TimeSpan.FromSeconds(result.GetRequiredValue(seconds)))], rounds, seconds);

        var rows = NumberOption.Create("--events", "Events in each round.", 500_000, 500, 5_000_000);
        var writeRounds = NumberOption.Create("--rounds", "Number of rounds.", 5, 1, 100);
        yield return ExperimentCommand(
            "write", "Measures the ingestor against the simplest loop that inserts the same bytes.",
            result => [Experiments.Write(result.GetRequiredValue(writeRounds), result.GetRequiredValue(rows))], writeRounds, rows);

        var startRounds = NumberOption.Create("--rounds", "Number of rounds.", 5, 1, 100);
        yield return ExperimentCommand(
            "start", "Measures the start of each service and of the app host against an empty ASP.NET Core application and an empty app host.",
            result => [Experiments.Start(result.GetRequiredValue(startRounds))], startRounds);

        var sustained = NumberOption.Create("--seconds", "Duration of the run at the maximum. Below 10, small rates replace the maximum, to check the output only.", 60, 1, 3_600);
        yield return ExperimentCommand(
            "pipeline", "Measures events a second from the client into ClickHouse, their cost and their freshness.",
            result => [Experiments.Pipeline(TimeSpan.FromSeconds(result.GetRequiredValue(sustained)))], sustained);

        var backlogEvents = NumberOption.Create("--events", "Events accepted while the ingestor is stopped.", 5_000_000L, 500, BacklogExperiment.MaxEvents);
        yield return ExperimentCommand(
            "backlog", "Measures how fast a backlog drains, and the memory that this takes.", result => [Experiments.Backlog(result.GetRequiredValue(backlogEvents))], backlogEvents);

        var storedEvents = NumberOption.CreateMany("--events", "Events in the table. May be given several times.", 10_000_000L, 100, 200_000_000);
        var monitorRounds = NumberOption.Create("--rounds", "Number of rounds.", 10, 1, 1_000);
        yield return ExperimentCommand(
            "monitor", "Measures Monitoring's answers against the same figures counted from all events.",
            result => [Experiments.Monitor(result.GetRequiredValue(storedEvents), result.GetRequiredValue(monitorRounds))], storedEvents, monitorRounds);

        var projects = NumberOption.Create("--projects", "Projects with an event a second.", 10_000, 1, 100_000);
        var rate = NumberOption.Create("--rate", "Events a second of another project.", 200_000, 1_000, 1_000_000);
        var accountSeconds = NumberOption.Create("--seconds", "Seconds of traffic, rounded down to a multiple of 15.", 900, 15, 900);
        var eventSeconds = NumberOption.Create("--event-seconds", "Seconds of it whose events are stored. The rest is stored as receipts only, which is all that is counted.", 60, 15, 900);
        yield return ExperimentCommand(
            "accounts", "Measures what the accounts cost in ClickHouse, beside the inserts of the same events. With the defaults, 189 million receipts take about 10 GB.",
            result => [Experiments.Accounts(
                result.GetRequiredValue(projects), result.GetRequiredValue(rate), result.GetRequiredValue(accountSeconds) / 15 * 15, result.GetRequiredValue(eventSeconds) / 15 * 15)],
            projects, rate, accountSeconds, eventSeconds);

        var neighbourSeconds = NumberOption.Create("--seconds", "Duration with each neighbour, and as long without it before.", 30, 1, 600);
        var neighbourNames = new Option<string[]>("--only") { Description = "Names of the neighbours. Default: all.", DefaultValueFactory = _ => [], AllowMultipleArgumentsPerToken = true };
        yield return ExperimentCommand(
            "neighbours", "Measures how long a project's events take to be queryable beside each kind of bad neighbour.",
            result => [Experiments.Neighbours(result.GetRequiredValue(neighbourSeconds), result.GetRequiredValue(neighbourNames))],
            neighbourSeconds, neighbourNames);

        var users = NumberOption.Create("--users", "Users, with ten events each.", 1_000_000L, 100, 10_000_000);
        var segmentRounds = NumberOption.Create("--rounds", "Number of rounds.", 5, 1, 100);
        yield return ExperimentCommand(
            "segments", "Measures previews and checks of rules beside plain SQL for the same users, and what their tables cost an insert.",
            result => [Experiments.Segments(result.GetRequiredValue(users), result.GetRequiredValue(segmentRounds))], users, segmentRounds);
    }

    private static Command ExperimentCommand(string name, string description, Func<ParseResult, IReadOnlyList<Experiment>> choose, params Option[] options)
    {
        var command = new Command(name, description + " Exits 0 only if the output is correct.") { Output };
        foreach (var option in options)
            command.Options.Add(option);
        command.SetAction((result, cancellationToken) => ExperimentRun.RunAsync(choose(result), result.GetRequiredValue(Output), cancellationToken));
        return command;
    }
}

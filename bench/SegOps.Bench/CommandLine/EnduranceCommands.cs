using System.CommandLine;
using SegOps.Bench.Chaos;
using SegOps.Bench.Soak;

namespace SegOps.Bench.CommandLine;

/// <summary>The commands that test robustness: faults, and a long-lasting load.</summary>
internal static class EnduranceCommands
{
    /// <summary>Creates the commands.</summary>
    internal static IEnumerable<Command> Create() => [Chaos(), Soak()];

    private static Command Chaos()
    {
        var minutes = NumberOption.Create("--minutes", "How long faults are injected.", 5, 1, 240);
        var seed = new Option<int>("--seed") { Description = "Seed of the fault plan. Default: random.", HelpName = "S", DefaultValueFactory = _ => Random.Shared.Next(1, 1_000_000) };
        var only = new Option<string>("--only") { Description = "Injects only faults whose name contains this, such as ingestor-pubsub or 'Kill ingestor'.", HelpName = "NAME", DefaultValueFactory = _ => "" };
        var output = new Option<FileInfo?>("--output") { Description = "File for the output of the parts.", HelpName = "FILE" };

        var chaos = new Command("chaos", "Kills, stops and disconnects parts under load. Exits 0 only if no accepted event is lost or counted twice, and segments are right.") { minutes, seed, only, output };
        chaos.SetAction(async (result, cancellationToken) =>
        {
            using var file = result.GetValue(output)?.CreateText() ?? StreamWriter.Null;
            using var lines = TextWriter.Synchronized(file);
            var options = new ChaosOptions
            {
                Length = TimeSpan.FromMinutes(result.GetRequiredValue(minutes)),
                Seed = result.GetRequiredValue(seed),
                Only = result.GetRequiredValue(only),
                OnLine = (part, line) => lines.WriteLine($"{part}: {line}"),
            };
            return await ChaosExperiment.RunAsync(options, Console.WriteLine, cancellationToken) ? 0 : 1;
        });
        return chaos;
    }

    private static Command Soak()
    {
        var minutes = NumberOption.Create("--minutes", "Duration.", 15, 1, 1_440);
        var rate = NumberOption.Create("--rate", "Requests a second, with 14 events each on average. The demo plan allows 150.", 100, 1, 150);
        var soak = new Command("soak", "Runs a steady load. Exits 0 only if the services' memory, handles and threads stay flat and all events are stored.") { minutes, rate };
        soak.SetAction((result, cancellationToken) =>
            SoakExperiment.RunAsync(TimeSpan.FromMinutes(result.GetRequiredValue(minutes)), result.GetRequiredValue(rate), cancellationToken));
        return soak;
    }
}

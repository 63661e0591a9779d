using System.CommandLine;
using SegOps.Bench.Chaos;
using SegOps.Bench.Soak;

namespace SegOps.Bench.CommandLine;

/// <summary>The commands that look whether the system endures: faults, and a load for long.</summary>
internal static class EnduranceCommands
{
    /// <summary>All of them.</summary>
    internal static IEnumerable<Command> Create() => [Chaos(), Soak()];

    private static Command Chaos()
    {
        var minutes = NumberOption.Create("--minutes", "How long faults are injected.", 5, 1, 240);
        var seed = new Option<int>("--seed") { Description = "Decides which faults come when; by default a new one.", HelpName = "S", DefaultValueFactory = _ => Random.Shared.Next(1, 1_000_000) };
        var only = new Option<string>("--only") { Description = "Only faults whose names hold this, such as ingestor-pubsub or 'Kill ingestor'.", HelpName = "NAME", DefaultValueFactory = _ => "" };
        var output = new Option<FileInfo?>("--output") { Description = "Where to write what the parts print.", HelpName = "FILE" };

        var chaos = new Command("chaos", "Kills, stops and cuts off the parts under load; exits 0 only if nothing accepted is lost or counted twice.") { minutes, seed, only, output };
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
        var minutes = NumberOption.Create("--minutes", "How long.", 15, 1, 1_440);
        var rate = NumberOption.Create("--rate", "Requests a second, 14 events each on average; the demo plan allows 150.", 100, 1, 150);
        var soak = new Command("soak", "An even load for long; exits 0 only if memory, handles and threads of the services stay flat and all is stored.") { minutes, rate };
        soak.SetAction((result, cancellationToken) =>
            SoakExperiment.RunAsync(TimeSpan.FromMinutes(result.GetRequiredValue(minutes)), result.GetRequiredValue(rate), cancellationToken));
        return soak;
    }
}

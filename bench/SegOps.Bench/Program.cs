using System.CommandLine;
using SegOps.Bench.CommandLine;

namespace SegOps.Bench;

/// <summary>Runs experiments, each against a baseline in the same run. docs/performance.md has the results.</summary>
internal static class Program
{
    /// <summary>Time after Ctrl+C or SIGTERM to stop the system and delete its data.</summary>
    private static readonly TimeSpan TimeToStop = TimeSpan.FromMinutes(1);

    private static Task<int> Main(string[] arguments)
    {
        var root = new RootCommand("Measures SegOps on this machine. Build with -c Release.");
        foreach (var command in (IEnumerable<Command>)[.. ExperimentCommands.Create(), .. EnduranceCommands.Create(), .. ServerCommands.Create()])
            root.Subcommands.Add(command);
        return root.Parse(arguments).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeToStop });
    }
}

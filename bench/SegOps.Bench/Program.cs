using System.CommandLine;
using SegOps.Bench.CommandLine;

namespace SegOps.Bench;

/// <summary>Experiments on this machine, each against a baseline in the same run; docs/performance.md says what they showed.</summary>
internal static class Program
{
    /// <summary>After Ctrl+C or SIGTERM, for stopping what runs and deleting what it stored.</summary>
    private static readonly TimeSpan TimeToStop = TimeSpan.FromMinutes(1);

    private static Task<int> Main(string[] arguments)
    {
        var root = new RootCommand("Measures SegOps on this machine. Build with -c Release.");
        foreach (var command in (IEnumerable<Command>)[.. ExperimentCommands.Create(), .. EnduranceCommands.Create(), .. ServerCommands.Create()])
            root.Subcommands.Add(command);
        return root.Parse(arguments).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeToStop });
    }
}

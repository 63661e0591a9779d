using SegOps.Bench.Gateway;
using SegOps.Bench.Reporting;
using SegOps.Bench.Running;
using SegOps.Standalone.Parts;
using SegOps.Standalone.Processes;

namespace SegOps.Bench.Start;

/// <summary>How long it takes from a process's start until it is ready.</summary>
internal static class StartExperiment
{
    /// <summary>Starts everything <paramref name="rounds"/> times, in turn.</summary>
    internal static async Task<Outcome> RunAsync(int rounds, Progress progress, CancellationToken cancellationToken)
    {
        var starts = new Dictionary<string, List<double>>();
        progress.Say("Starting the system");
        await using (var bench = await BenchSystem.StartAsync(cancellationToken))
        {
            for (var round = 1; round <= rounds; round++)
            {
                progress.Say($"Services: round {round} of {rounds}");
                Add(Servers.Empty, await OfBaselineAsync(cancellationToken));
                foreach (var service in Services.Names)
                    Add(service, await OfServiceAsync(bench.System, service, cancellationToken));
            }
        }
        for (var round = 1; round <= rounds; round++)
        {
            progress.Say($"Standalone: round {round} of {rounds}");
            Add("Standalone", await OfStandaloneAsync(cancellationToken));
        }

        var basis = Statistics.Median(starts[Servers.Empty]);
        var table = new Table("start of", "median ms", "slowest ms", "ratio");
        foreach (var (name, milliseconds) in starts)
            table.Add(name == Servers.Empty ? "an empty ASP.NET Core application" : name, Cell.Of(Statistics.Median(milliseconds), "F0"), Cell.Of(milliseconds.Max(), "F0"), Cell.Of(Statistics.Median(milliseconds) / basis, "F2"));
        return new Outcome
        {
            Conditions = $"{rounds} rounds, from the start of the process until its health check is satisfied, which is looked at every 50 ms; Standalone with an empty data folder.",
            Tables = [table],
        };

        void Add(string name, double milliseconds)
        {
            if (!starts.TryGetValue(name, out var list))
                starts[name] = list = [];
            list.Add(milliseconds);
        }
    }

    private static async Task<double> OfBaselineAsync(CancellationToken cancellationToken)
    {
        await using var server = Servers.Create(Servers.Empty, new Uri($"http://127.0.0.1:{FreePort.Next()}"), behind: null);
        return await Timed.RunAsync(() => server.StartAsync(cancellationToken));
    }

    private static async Task<double> OfServiceAsync(LocalSystem system, string service, CancellationToken cancellationToken)
    {
        await system.StopPartAsync(service);
        return await Timed.RunAsync(() => system.Parts[service].StartAsync(cancellationToken));
    }

    private static async Task<double> OfStandaloneAsync(CancellationToken cancellationToken)
    {
        using var folder = new ScratchFolder();
        var port = FreePort.Next();
        var command = OwnProjects.Command("SegOps.Standalone", ["--port", $"{port}", "--data", folder.Path]);
        await using var standalone = new ServerProcess("Standalone", command, HttpProbe.For($"http://localhost:{port}/health"));
        return await Timed.RunAsync(() => standalone.StartAsync(cancellationToken));
    }
}

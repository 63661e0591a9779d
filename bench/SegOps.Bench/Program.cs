using System.CommandLine;
using SegOps.Bench.Backlog;
using SegOps.Bench.Chaos;
using SegOps.Bench.Gateway;
using SegOps.Bench.Ingest;
using SegOps.Bench.Monitor;
using SegOps.Bench.Pipeline;
using SegOps.Bench.Soak;

namespace SegOps.Bench;

/// <summary>Experiments on this machine, each against a baseline in the same run; docs/performance.md says what they showed.</summary>
internal static class Program
{
    private static Task<int> Main(string[] arguments)
    {
        var events = new Option<long>("--events") { Description = "Events in the table.", HelpName = "N", DefaultValueFactory = _ => 10_000_000 };
        var rounds = new Option<int>("--rounds") { Description = "How often everything is asked.", HelpName = "N", DefaultValueFactory = _ => 10 };
        events.Validators.Add(result => Check(result, result.GetValueOrDefault<long>() is >= 1_000 and <= 200_000_000, "--events takes a number from 1,000 to 200,000,000."));
        rounds.Validators.Add(result => Check(result, result.GetValueOrDefault<int>() is >= 1 and <= 1_000, "--rounds takes a number from 1 to 1,000."));

        var monitor = new Command("monitor", "Monitoring's answers, beside the same figures counted from all events.") { events, rounds };
        monitor.SetAction((result, cancellationToken) =>
            MonitorExperiment.RunAsync(result.GetRequiredValue(events), result.GetRequiredValue(rounds), cancellationToken));
        var ingest = new Command("ingest", "Ingestion's validation and encoding, beside a bare walk over the same JSON.");
        ingest.SetAction(_ => IngestExperiment.Run());
        return new RootCommand("Measures SegOps on this machine. Build with -c Release.") { monitor, ingest, Gateway(), Serve(), Pipeline(), Generate(), Backlog(), Chaos(), Soak() }
            .Parse(arguments).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
    }

    private static Command Gateway()
    {
        var rounds = new Option<int>("--rounds") { Description = "How often each is measured.", HelpName = "N", DefaultValueFactory = _ => 5 };
        var seconds = new Option<int>("--seconds") { Description = "How long each time.", HelpName = "N", DefaultValueFactory = _ => 5 };
        rounds.Validators.Add(result => Check(result, result.GetValueOrDefault<int>() is >= 1 and <= 100, "--rounds takes a number from 1 to 100."));
        seconds.Validators.Add(result => Check(result, result.GetValueOrDefault<int>() is >= 1 and <= 300, "--seconds takes a number from 1 to 300."));

        var gateway = new Command("gateway", "The gateway with authentication and limits, beside bare YARP.") { rounds, seconds };
        gateway.SetAction((result, cancellationToken) =>
            GatewayExperiment.RunAsync(result.GetRequiredValue(rounds), TimeSpan.FromSeconds(result.GetRequiredValue(seconds)), cancellationToken));
        return gateway;
    }

    /// <summary>For this program itself, which starts what it measures with as processes of their own.</summary>
    private static Command Serve()
    {
        var kind = new Argument<string>("kind");
        var port = new Option<int>("--port");
        var behind = new Option<Uri?>("--behind") { CustomParser = result => new Uri(result.Tokens.Single().Value) };
        var serve = new Command(Servers.Command) { Hidden = true };
        serve.Arguments.Add(kind);
        serve.Options.Add(port);
        serve.Options.Add(behind);
        serve.SetAction(result => Servers.RunAsync(result.GetRequiredValue(kind), result.GetRequiredValue(port), result.GetValue(behind)));
        return serve;
    }

    private static Command Pipeline()
    {
        var seconds = new Option<int>("--seconds") { Description = "How long the maximum has to be sustained; below 10 small rates are sent instead, to see that all works.", HelpName = "N", DefaultValueFactory = _ => 60 };
        seconds.Validators.Add(result => Check(result, result.GetValueOrDefault<int>() is >= 1 and <= 3_600, "--seconds takes a number from 1 to 3,600."));

        var pipeline = new Command("pipeline", "Events a second from the client into ClickHouse, what each costs and how soon it can be queried; exits 0 only if all accepted is stored.") { seconds };
        pipeline.SetAction((result, cancellationToken) =>
            PipelineExperiment.RunAsync(PipelineOptions.Of(TimeSpan.FromSeconds(result.GetRequiredValue(seconds))), cancellationToken));
        return pipeline;
    }

    /// <summary>For this program itself, which starts its load generator as a process of its own.</summary>
    private static Command Generate()
    {
        var port = new Option<int>("--port") { Required = true };
        var gateway = new Option<Uri>("--gateway") { Required = true, CustomParser = result => new Uri(result.Tokens.Single().Value) };
        var generate = new Command(LoadServer.Command) { Hidden = true };
        generate.Options.Add(port);
        generate.Options.Add(gateway);
        generate.SetAction(result => LoadServer.RunAsync(result.GetRequiredValue(port), result.GetRequiredValue(gateway)));
        return generate;
    }

    private static Command Backlog()
    {
        var events = new Option<long>("--events") { Description = "Events accepted while the ingestor is away.", HelpName = "N", DefaultValueFactory = _ => 5_000_000 };
        events.Validators.Add(result => Check(result, result.GetValueOrDefault<long>() is >= 500 and <= BacklogExperiment.MostEvents, $"--events takes a number from 500 to {BacklogExperiment.MostEvents:N0}."));

        var backlog = new Command("backlog", "How fast a backlog drains, and with how much memory; exits 0 only if all of it is stored once.") { events };
        backlog.SetAction((result, cancellationToken) => BacklogExperiment.RunAsync(result.GetRequiredValue(events), cancellationToken));
        return backlog;
    }

    private static Command Chaos()
    {
        var minutes = new Option<int>("--minutes") { Description = "How long faults are injected.", HelpName = "N", DefaultValueFactory = _ => 5 };
        var seed = new Option<int>("--seed") { Description = "Decides which faults come when; by default a new one.", HelpName = "S", DefaultValueFactory = _ => Random.Shared.Next(1, 1_000_000) };
        minutes.Validators.Add(result => Check(result, result.GetValueOrDefault<int>() is >= 1 and <= 240, "--minutes takes a number from 1 to 240."));

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
        var minutes = new Option<int>("--minutes") { Description = "How long.", HelpName = "N", DefaultValueFactory = _ => 15 };
        var rate = new Option<int>("--rate") { Description = "Requests a second, 14 events each on average.", HelpName = "R", DefaultValueFactory = _ => 100 };
        minutes.Validators.Add(result => Check(result, result.GetValueOrDefault<int>() is >= 1 and <= 1_440, "--minutes takes a number from 1 to 1,440."));
        rate.Validators.Add(result => Check(result, result.GetValueOrDefault<int>() is >= 1 and <= 150, "--rate takes a number from 1 to 150, which is what the demo plan allows."));

        var soak = new Command("soak", "An even load for long; exits 0 only if memory, handles and threads of the services stay flat and all is stored.") { minutes, rate };
        soak.SetAction((result, cancellationToken) =>
            SoakExperiment.RunAsync(TimeSpan.FromMinutes(result.GetRequiredValue(minutes)), result.GetRequiredValue(rate), cancellationToken));
        return soak;
    }

    private static void Check(System.CommandLine.Parsing.OptionResult result, bool isRight, string error)
    {
        if (!isRight)
            result.AddError(error);
    }
}

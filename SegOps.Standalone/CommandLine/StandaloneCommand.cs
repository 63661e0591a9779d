using System.CommandLine;
using System.CommandLine.Help;

namespace SegOps.Standalone.CommandLine;

/// <summary>The command line: its options, their defaults and their help.</summary>
internal static class StandaloneCommand
{
    private const int DefaultPort = 8080;

    /// <summary>Runs <paramref name="run"/> with what <paramref name="arguments"/> say, or prints help or what is wrong with them.</summary>
    public static Task<int> InvokeAsync(string[] arguments, Func<StandaloneSettings, Task<int>> run)
    {
        var port = new Option<int>("--port")
        {
            Description = "The gateway's port on localhost; 0 takes a free one.",
            HelpName = "PORT",
            DefaultValueFactory = _ => DefaultPort,
        };
        port.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 0 or > 65535)
                result.AddError("--port takes a number from 0 to 65535.");
        });
        var data = new Option<string>("--data")
        {
            Description = "Folder for what is stored and logged. It survives a restart.",
            HelpName = "DIR",
            DefaultValueFactory = _ => DataFolder.Default,
        };
        var fresh = new Option<bool>("--fresh") { Description = "Delete what the data folder holds, then start." };
        var verbose = new Option<bool>("--verbose") { Description = "Show the logs of Redis, Pub/Sub and ClickHouse too, and from the start." };
        var redis = Server("--redis", "Use this Redis instead of an own one: host:6379,password=...,ssl=true");
        var clickHouse = Server("--clickhouse", "Use this ClickHouse: \"Host=...;Port=8123;Username=...;Password=...;Database=segops\"");
        var pubSub = Server("--pubsub", "Use this Pub/Sub: \"ProjectId=...\" for Google's own, with \"Endpoint=http://...\" for an emulator");

        var root = new RootCommand("Runs all of SegOps on this machine: one command, no Docker.") { port, data, fresh, verbose, redis, clickHouse, pubSub };
        foreach (var version in root.Options.OfType<VersionOption>().ToArray())
            root.Options.Remove(version);
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
        root.SetAction(result => run(new StandaloneSettings(
            result.GetRequiredValue(data), result.GetRequiredValue(port), result.GetValue(fresh), result.GetValue(verbose),
            result.GetValue(redis), result.GetValue(clickHouse), result.GetValue(pubSub))));

        // Null: the library would end the process 2 s after Ctrl+C, in the midst of an ordered stop.
        return root.Parse(arguments).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
    }

    private static Option<string?> Server(string name, string description) => new(name) { Description = description, HelpName = "CONNECTION" };
}

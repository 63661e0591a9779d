using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;

namespace SegOps.AppHost;

/// <summary>The command line: short options for <see cref="AppHostOptions"/>. Arguments of the form <c>--Section:Key=value</c> go to Aspire.</summary>
internal static class AppHostCommand
{
    private const int UsageError = 2;

    /// <summary>Arguments that the Aspire CLI passes, for example <c>aspire publish</c>.</summary>
    private static readonly string[] AspireArguments = ["--operation", "--publisher", "--output-path", "--step", "--log-level", "--environment", "--clear-cache", "--list-steps"];

    /// <summary>Converts short options to configuration arguments.</summary>
    /// <param name="arguments">The program's arguments.</param>
    /// <param name="configuration">Arguments for <see cref="DistributedApplication.CreateBuilder(string[])"/>.</param>
    /// <returns>The exit code after help or a usage error; null to start the app host.</returns>
    public static int? Read(string[] arguments, out string[] configuration)
    {
        configuration = arguments;
        if (arguments.Any(argument => AspireArguments.Contains(argument.Split('=')[0])))
            return null;

        var port = new Option<int?>("--port") { Description = "The gateway's port on localhost. Default: 8080. 0 selects a free port.", HelpName = "PORT", CustomParser = ReadPort };
        var data = new Option<string?>("--data") { Description = "The data folder, kept between runs. Default: .segops in the root of the checkout.", HelpName = "DIR" };
        var fresh = new Option<bool>("--fresh") { Description = "Delete the stored data before the start." };
        var containers = new Option<bool>("--containers") { Description = "Run Redis, ClickHouse and the Pub/Sub emulator as containers." };
        var root = new RootCommand("Runs all of SegOps and the Aspire dashboard on this machine, without a container engine.") { port, data, fresh, containers };
        foreach (var version in root.Options.OfType<VersionOption>().ToArray())
            root.Options.Remove(version);
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);

        var settings = arguments.Where(IsConfiguration).ToList();
        var result = root.Parse([.. arguments.Except(settings)]);
        if (result.Errors.Count > 0)
        {
            foreach (var error in result.Errors.DistinctBy(error => error.Message))
                Console.Error.WriteLine(error.Message);
            Console.Error.WriteLine("--help lists the options.");
            return UsageError;
        }
        if (result.Action is HelpWithExamples)
            return result.Invoke();

        Set(nameof(AppHostOptions.Port), result.GetValue(port)?.ToString(CultureInfo.InvariantCulture));
        Set(nameof(AppHostOptions.Data), result.GetValue(data));
        Set(nameof(AppHostOptions.Fresh), result.GetValue(fresh) ? "true" : null);
        Set(nameof(AppHostOptions.Containers), result.GetValue(containers) ? "true" : null);

        // Settings files do not change during a run, and each watcher takes one of the 128 inotify instances that Linux allows a user by default.
        settings.Add("--hostBuilder:reloadConfigOnChange=false");
        configuration = [.. LocalRun.IsProgram ? DashboardAddresses.Arguments() : [], .. settings];
        return null;

        void Set(string option, string? value)
        {
            if (value is not null)
                settings.Add($"--{AppHostOptions.Section}:{option}={value}");
        }
    }

    /// <summary>Whether the argument has the form <c>--Section:Key=value</c>.</summary>
    private static bool IsConfiguration(string argument) =>
        argument.StartsWith("--", StringComparison.Ordinal) && argument.Split('=', 2) is [var key, _] && key.Contains(':', StringComparison.Ordinal);

    private static int? ReadPort(ArgumentResult result)
    {
        if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= IPEndPoint.MaxPort)
            return port;
        result.AddError($"--port must be a number from 0 to {IPEndPoint.MaxPort}.");
        return null;
    }

    /// <summary>Appends examples to the default help.</summary>
    private sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
    {
        private const string Examples =
            """
            Examples:
              dotnet run --project SegOps.AppHost
                  Starts on http://localhost:8080 with the data of the last run.
              dotnet run --project SegOps.AppHost -- --fresh --port 0
                  Starts an empty system on a free port.
              dotnet run --project SegOps.AppHost -- --ConnectionStrings:redis=localhost:6379
                  Uses your own Redis. For ClickHouse and Pub/Sub:
                  "--ConnectionStrings:clickhouse=Host=...;Port=8123;Username=...;Password=...;Database=segops"
                  "--ConnectionStrings:pubsub=ProjectId=..." (add "Endpoint=http://..." for an emulator)
              dotnet run --project SegOps.AppHost -- --operation publish --step publish --output-path out
                  Writes a docker compose file and an .env template.

            Requirements: the .NET 10 SDK, Java and Google's Pub/Sub emulator. The first start downloads the ClickHouse
            engine (180 MB) from the npm registry; npm is not needed. If something is missing, the install command is shown.
            """;

        public override int Invoke(ParseResult parseResult)
        {
            var status = help.Invoke(parseResult);
            parseResult.InvocationConfiguration.Output.WriteLine(Examples);
            return status;
        }
    }
}

using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;

namespace SegOps.AppHost;

/// <summary>The command line: short options for what <see cref="AppHostOptions"/> holds. Whatever else configures Aspire is passed on.</summary>
internal static class AppHostCommand
{
    private const int Fault = 2;

    /// <summary>Aspire's own arguments, which <c>aspire publish</c> and others pass.</summary>
    private static readonly string[] OfAspire = ["--operation", "--publisher", "--output-path", "--step", "--log-level", "--environment", "--clear-cache", "--list-steps"];

    /// <summary>Turns short options into configuration.</summary>
    /// <param name="arguments">Of the program.</param>
    /// <param name="configuration">Arguments for <see cref="DistributedApplication.CreateBuilder(string[])"/>.</param>
    /// <returns>The exit code of a command line that only asks for help or is wrong; null when the app host is to go on.</returns>
    public static int? Read(string[] arguments, out string[] configuration)
    {
        configuration = arguments;
        if (arguments.Any(argument => OfAspire.Contains(argument.Split('=')[0])))
            return null;

        var port = new Option<int?>("--port") { Description = "The gateway's port on localhost, by default 8080; 0 takes a free one.", HelpName = "PORT", CustomParser = ReadPort };
        var data = new Option<string?>("--data") { Description = "Folder for what is stored, by default .segops in the root of the checkout. It survives a restart.", HelpName = "DIR" };
        var fresh = new Option<bool>("--fresh") { Description = "Delete what the data folder holds, then start." };
        var containers = new Option<bool>("--containers") { Description = "Run Redis, ClickHouse and the Pub/Sub emulator as containers." };
        var root = new RootCommand("Runs all of SegOps on this machine, with the Aspire dashboard: one command, no container engine.") { port, data, fresh, containers };
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
            return Fault;
        }
        if (result.Action is HelpWithExamples)
            return result.Invoke();

        Set(nameof(AppHostOptions.Port), result.GetValue(port)?.ToString(CultureInfo.InvariantCulture));
        Set(nameof(AppHostOptions.Data), result.GetValue(data));
        Set(nameof(AppHostOptions.Fresh), result.GetValue(fresh) ? "true" : null);
        Set(nameof(AppHostOptions.Containers), result.GetValue(containers) ? "true" : null);

        // Nobody changes settings files of a run, and each watcher of them takes one of the 128 that a user of Linux has by default.
        settings.Add("--hostBuilder:reloadConfigOnChange=false");
        configuration = [.. LocalRun.IsProgram ? DashboardAddresses.Arguments() : [], .. settings];
        return null;

        void Set(string option, string? value)
        {
            if (value is not null)
                settings.Add($"--{AppHostOptions.Section}:{option}={value}");
        }
    }

    /// <summary>Such as --Parameters:admin-token=...: a section, a key and a value.</summary>
    private static bool IsConfiguration(string argument) =>
        argument.StartsWith("--", StringComparison.Ordinal) && argument.Split('=', 2) is [var key, _] && key.Contains(':', StringComparison.Ordinal);

    private static int? ReadPort(ArgumentResult result)
    {
        if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= IPEndPoint.MaxPort)
            return port;
        result.AddError($"--port takes a number from 0 to {IPEndPoint.MaxPort}.");
        return null;
    }

    /// <summary>The usual help, then lines to paste.</summary>
    private sealed class HelpWithExamples(HelpAction usual) : SynchronousCommandLineAction
    {
        private const string Examples =
            """
            Examples:
              dotnet run --project SegOps.AppHost
                  everything on http://localhost:8080, with what was stored before
              dotnet run --project SegOps.AppHost -- --fresh --port 0
                  an empty system on a free port
              dotnet run --project SegOps.AppHost -- --ConnectionStrings:redis=localhost:6379
                  with your own Redis; clickhouse and pubsub in the same way:
                  "--ConnectionStrings:clickhouse=Host=...;Port=8123;Username=...;Password=...;Database=segops"
                  "--ConnectionStrings:pubsub=ProjectId=..." for Google's own, with "Endpoint=http://..." for an emulator
              dotnet run --project SegOps.AppHost -- --operation publish --step publish --output-path out
                  a docker compose file and an .env template

            What it needs: the .NET 10 SDK, Java and Google's Pub/Sub emulator; the first start fetches the ClickHouse
            engine (180 MB) from the npm registry, without npm. What is missing is named with the command that installs it.
            """;

        public override int Invoke(ParseResult parseResult)
        {
            var status = usual.Invoke(parseResult);
            parseResult.InvocationConfiguration.Output.WriteLine(Examples);
            return status;
        }
    }
}

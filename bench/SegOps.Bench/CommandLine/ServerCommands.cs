using System.CommandLine;
using SegOps.Bench.Gateway;
using SegOps.Bench.Pipeline;

namespace SegOps.Bench.CommandLine;

/// <summary>Hidden commands with which this program starts its helper processes.</summary>
internal static class ServerCommands
{
    /// <summary>Creates the commands.</summary>
    internal static IEnumerable<Command> Create() => [Serve(), Generate()];

    private static Command Serve()
    {
        var kind = new Argument<string>("kind");
        var port = new Option<int>("--port") { Required = true };
        var upstream = new Option<Uri?>("--upstream") { CustomParser = result => new Uri(result.Tokens.Single().Value) };
        var serve = new Command(Servers.Command) { Hidden = true };
        serve.Arguments.Add(kind);
        serve.Options.Add(port);
        serve.Options.Add(upstream);
        serve.SetAction((result, cancellationToken) =>
            Servers.RunAsync(result.GetRequiredValue(kind), result.GetRequiredValue(port), result.GetValue(upstream), cancellationToken));
        return serve;
    }

    private static Command Generate()
    {
        var port = new Option<int>("--port") { Required = true };
        var gateway = new Option<Uri>("--gateway") { Required = true, CustomParser = result => new Uri(result.Tokens.Single().Value) };
        var generate = new Command(LoadServer.Command) { Hidden = true };
        generate.Options.Add(port);
        generate.Options.Add(gateway);
        generate.SetAction((result, cancellationToken) => LoadServer.RunAsync(result.GetRequiredValue(port), result.GetRequiredValue(gateway), cancellationToken));
        return generate;
    }
}

using System.CommandLine;
using SegOps.Bench.Gateway;
using SegOps.Bench.Pipeline;

namespace SegOps.Bench.CommandLine;

/// <summary>For this program itself, which starts what it measures with as processes of their own.</summary>
internal static class ServerCommands
{
    /// <summary>All of them, hidden.</summary>
    internal static IEnumerable<Command> Create() => [Serve(), Generate()];

    private static Command Serve()
    {
        var kind = new Argument<string>("kind");
        var port = new Option<int>("--port") { Required = true };
        var behind = new Option<Uri?>("--behind") { CustomParser = result => new Uri(result.Tokens.Single().Value) };
        var serve = new Command(Servers.Command) { Hidden = true };
        serve.Arguments.Add(kind);
        serve.Options.Add(port);
        serve.Options.Add(behind);
        serve.SetAction((result, cancellationToken) =>
            Servers.RunAsync(result.GetRequiredValue(kind), result.GetRequiredValue(port), result.GetValue(behind), cancellationToken));
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

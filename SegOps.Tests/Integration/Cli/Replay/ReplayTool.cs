using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using SegOps.Cli.Replay;

namespace SegOps.Tests.Integration.Cli.Replay;

/// <summary>Runs commands as the executable does, against a test's servers.</summary>
internal sealed class ReplayTool(string pubSub, string clickHouse)
{
    /// <summary>Whether Ctrl+C is pressed at once.</summary>
    public bool IsInterrupted { get; init; }

    /// <summary>Runs a command line; <paramref name="input"/> is its standard input.</summary>
    public async Task<ReplayResult> RunAsync(string line, string input = "")
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        using var bytes = new MemoryStream();
        var console = new ReplayConsole(() => new MemoryStream(Encoding.UTF8.GetBytes(input)), output, () => bytes, errors, IsInteractive: false);
        var status = await ReplayCommands.InvokeAsync(
            line.Split(' '), (request, _) => ReplayHost.RunAsync(request, Builder(), console, new CancellationToken(IsInterrupted)), output, errors);
        return new(status, output.ToString(), errors.ToString(), bytes.ToArray());
    }

    private HostApplicationBuilder Builder()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:pubsub", pubSub), new("ConnectionStrings:clickhouse", clickHouse)]);
        return builder;
    }
}

/// <summary>How a command ended.</summary>
internal sealed record ReplayResult(int Status, string Out, string Error, byte[] Bytes);

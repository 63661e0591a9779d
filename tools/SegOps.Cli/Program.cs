using SegOps.Cli.Replay;

namespace SegOps.Cli;

/// <summary>Commands for operators, which list dead letters and publish events again.</summary>
internal static class Program
{
    internal static Task<int> Main(string[] args) => ReplayCommands.InvokeAsync(
        args, (request, stop) => ReplayHost.RunAsync(request, Host.CreateApplicationBuilder(), ReplayConsole.OfProcess(), stop));
}

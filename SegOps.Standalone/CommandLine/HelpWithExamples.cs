using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace SegOps.Standalone.CommandLine;

/// <summary>The usual help, then lines to paste.</summary>
internal sealed class HelpWithExamples(HelpAction usual) : SynchronousCommandLineAction
{
    private const string Examples =
        """
        Examples:
          dotnet run --project SegOps.Standalone
              everything on http://localhost:8080, with what was stored before
          dotnet run --project SegOps.Standalone -- --fresh --port 0
              an empty system on a free port
          dotnet run --project SegOps.Standalone -- --redis localhost:6379
              with your own Redis

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

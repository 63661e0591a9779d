using SegOps.AppHost;

namespace SegOps.Bench.Processes;

/// <summary>What to run as a child process. It inherits this process's environment, then <paramref name="Environment"/> on top.</summary>
/// <param name="FileName">A path, or a name to be found on PATH.</param>
/// <param name="Arguments">Passed as they are; no shell reads them.</param>
/// <param name="Environment">Variables to set; null as a value removes one.</param>
internal sealed record ChildCommand(
    string FileName,
    IReadOnlyList<string> Arguments,
    IReadOnlyDictionary<string, string?>? Environment = null)
{
    /// <summary>A program of this solution, such as <c>SegOps.Gateway</c>, on the .NET that runs this process.</summary>
    internal static ChildCommand Built(string project, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string?>? environment = null) => new(
        Executables.Built(project),
        arguments,
        new Dictionary<string, string?>(environment ?? new Dictionary<string, string?>()) { ["DOTNET_ROOT"] = Executables.DotnetRoot });
}

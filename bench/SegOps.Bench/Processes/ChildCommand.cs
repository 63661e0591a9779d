using SegOps.AppHost;

namespace SegOps.Bench.Processes;

/// <summary>A command for a child process, which inherits this process's environment.</summary>
/// <param name="FileName">A path, or a name on PATH.</param>
/// <param name="Arguments">Passed without a shell.</param>
/// <param name="Environment">Variables to set. Null removes a variable.</param>
internal sealed record ChildCommand(
    string FileName,
    IReadOnlyList<string> Arguments,
    IReadOnlyDictionary<string, string?>? Environment = null)
{
    /// <summary>Creates a command for a program of this solution, such as <c>SegOps.Gateway</c>, with this process's .NET runtime.</summary>
    internal static ChildCommand Built(string project, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string?>? environment = null) => new(
        Executables.Built(project),
        arguments,
        new Dictionary<string, string?>(environment ?? new Dictionary<string, string?>()) { ["DOTNET_ROOT"] = Executables.DotnetRoot });
}

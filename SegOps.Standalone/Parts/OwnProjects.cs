using System.Reflection;
using System.Runtime.InteropServices;
using SegOps.Standalone.Processes;

namespace SegOps.Standalone.Parts;

/// <summary>The executables of this solution, where the build left them: their paths are metadata of this assembly.</summary>
internal static class OwnProjects
{
    /// <summary>How to run the project <paramref name="name"/> (such as <c>SegOps.Gateway</c>) on the .NET that runs this process.</summary>
    public static ChildCommand Command(
        string name, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string?>? environment = null) => new(
            Path.ChangeExtension(AssemblyOf(name), null),
            arguments,
            new Dictionary<string, string?>(environment ?? new Dictionary<string, string?>()) { ["DOTNET_ROOT"] = DotnetRoot });

    private static string DotnetRoot => Path.GetFullPath("../../..", RuntimeEnvironment.GetRuntimeDirectory());

    private static string AssemblyOf(string name) =>
        typeof(OwnProjects).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().SingleOrDefault(entry => entry.Key == name)?.Value
        ?? throw new InvalidOperationException($"{name} is not among the projects that Standalone was built with.");
}

using System.Reflection;
using System.Runtime.InteropServices;

namespace SegOps.AppHost;

/// <summary>Locates the programs that the app host starts: this solution's build output and installed programs.</summary>
internal static class Executables
{
    /// <summary>The folder of the .NET runtime of this process; child processes would otherwise search for one.</summary>
    public static string DotnetRoot => Path.GetFullPath("../../..", RuntimeEnvironment.GetRuntimeDirectory());

    /// <summary>The path of a project's program, such as <c>SegOps.Gateway</c>. The build stores it in this assembly's metadata.</summary>
    public static string Built(string project)
    {
        var assembly = typeof(Executables).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().SingleOrDefault(entry => entry.Key == project)?.Value
            ?? throw new InvalidOperationException($"The app host does not reference the project {project}.");
        return Path.ChangeExtension(assembly, OperatingSystem.IsWindows() ? ".exe" : null);
    }

    /// <summary>The path of a program on PATH; null if there is none.</summary>
    public static string? FindOnPath(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(directory => Path.Combine(directory, OperatingSystem.IsWindows() ? name + ".exe" : name))
        .FirstOrDefault(File.Exists);
}

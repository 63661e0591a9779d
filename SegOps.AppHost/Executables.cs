using System.Reflection;
using System.Runtime.InteropServices;

namespace SegOps.AppHost;

/// <summary>Programs that the app host starts: those of this solution, where the build left them, and those of the machine.</summary>
internal static class Executables
{
    /// <summary>The folder of the .NET that runs this process, for programs that would look for another one.</summary>
    public static string DotnetRoot => Path.GetFullPath("../../..", RuntimeEnvironment.GetRuntimeDirectory());

    /// <summary>The built program of a project such as <c>SegOps.Gateway</c>. Its path is metadata of this assembly.</summary>
    public static string Built(string project)
    {
        var assembly = typeof(Executables).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().SingleOrDefault(entry => entry.Key == project)?.Value
            ?? throw new InvalidOperationException($"{project} is not among the projects that the app host was built with.");
        return Path.ChangeExtension(assembly, OperatingSystem.IsWindows() ? ".exe" : null);
    }

    /// <summary>A program on this process's PATH; null when there is none.</summary>
    public static string? FindOnPath(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(directory => Path.Combine(directory, OperatingSystem.IsWindows() ? name + ".exe" : name))
        .FirstOrDefault(File.Exists);
}

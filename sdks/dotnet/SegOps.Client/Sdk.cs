using System.Reflection;
using System.Runtime.InteropServices;

namespace SegOps.Client;

/// <summary>How the SDK names itself.</summary>
internal static class Sdk
{
    /// <summary>The package's version, without what a build adds behind <c>+</c>.</summary>
    public static string Version { get; } =
        typeof(Sdk).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    public static string UserAgent { get; } = $"segops-dotnet/{Version} ({RuntimeInformation.FrameworkDescription}; {Os})";

    private static string Os => RuntimeInformation.IsOSPlatform(OSPlatform.Linux) ? "Linux"
        : RuntimeInformation.IsOSPlatform(OSPlatform.Windows) ? "Windows"
        : RuntimeInformation.IsOSPlatform(OSPlatform.OSX) ? "macOS"
        : "other";
}

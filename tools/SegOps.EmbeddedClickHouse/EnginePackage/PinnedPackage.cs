using System.Runtime.InteropServices;

namespace SegOps.EmbeddedClickHouse.EnginePackage;

/// <summary>The npm package with the engine for a platform, pinned by its integrity hash.</summary>
/// <param name="Platform">.NET's name of the platform, such as linux-x64.</param>
/// <param name="Name">The package's name.</param>
/// <param name="Integrity">Base64 of the tarball's SHA-512: the registry's dist.integrity without its prefix.</param>
internal sealed record PinnedPackage(string Platform, string Name, string Integrity)
{
    /// <summary>The engine's version, ClickHouse 26.7.</summary>
    public const string Version = "26.7.3-stable.1";

    /// <summary>The library's path inside the package.</summary>
    public const string Library = "package/libchdb.so";

    // Packages for linux-arm64-gnu, darwin-x64 and darwin-arm64 exist too. Their hashes have not been checked against a registry.
    private static readonly PinnedPackage[] All =
    [
        new("linux-x64", "@chdb/lib-linux-x64-gnu", "XP97mMqnc5tZpKQywR8N7cLTsHNiTmHr30pC5mzo3jWmukjKn2IBa60c2B/gWUNcuFjOMjWoorQICCqBVj5wpw=="),
    ];

    /// <summary>Whether a package exists for this machine.</summary>
    public static bool IsForThisMachine => Find(RuntimeInformation.RuntimeIdentifier, HasGlibc()) is not null;

    /// <summary>The package for this machine.</summary>
    /// <exception cref="EnginePackageException">There is no package.</exception>
    public static PinnedPackage ForThisMachine() => For(RuntimeInformation.RuntimeIdentifier, HasGlibc());

    /// <summary>The package for a platform.</summary>
    /// <exception cref="EnginePackageException">There is no package.</exception>
    public static PinnedPackage For(string runtimeIdentifier, bool hasGlibc) =>
        Find(runtimeIdentifier, hasGlibc) ?? throw new EnginePackageException(
            $"There is no pinned ClickHouse engine for {PlatformOf(runtimeIdentifier)}{(hasGlibc ? "" : " with musl")}. " +
            $"Name a libchdb {Version} by {EngineLocator.OverrideVariable}, or use a ClickHouse server (--containers of SegOps.AppHost).");

    /// <summary>Returns the tarball's address in a registry.</summary>
    public Uri Tarball(Uri registry) => new(registry, $"{Name}/-/{Name[(Name.IndexOf('/', StringComparison.Ordinal) + 1)..]}-{Version}.tgz");

    private static PinnedPackage? Find(string runtimeIdentifier, bool hasGlibc) =>
        Array.Find(All, package => hasGlibc && package.Platform == PlatformOf(runtimeIdentifier));

    private static string PlatformOf(string runtimeIdentifier)
    {
        var architecture = runtimeIdentifier[(runtimeIdentifier.LastIndexOf('-') + 1)..];
        var system = runtimeIdentifier.StartsWith("osx", StringComparison.Ordinal) ? "osx"
            : runtimeIdentifier.StartsWith("win", StringComparison.Ordinal) ? "win"
            : "linux";
        return $"{system}-{architecture}";
    }

    private static bool HasGlibc() => !OperatingSystem.IsLinux() || !RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal);
}

/// <summary>The engine is not available. The message says what to do.</summary>
internal sealed class EnginePackageException(string message, Exception? inner = null) : Exception(message, inner);

namespace SegOps.EmbeddedClickHouse.EnginePackage;

/// <summary>Finds the engine's library on this machine.</summary>
internal static class EngineLocator
{
    /// <summary>Environment variable with the path of a libchdb that replaces the pinned package.</summary>
    public const string OverrideVariable = "SEGOPS_CLICKHOUSE_ENGINE";

    /// <summary>Whether an engine exists for this machine, downloaded or not.</summary>
    public static bool IsAvailable => Environment.GetEnvironmentVariable(OverrideVariable) is { Length: > 0 } || PinnedPackage.IsForThisMachine;

    /// <summary>Returns the library's path. Downloads the library if it is not in the user's cache.</summary>
    /// <exception cref="EnginePackageException">The library is not available.</exception>
    public static async Task<string> LocateAsync(TextWriter progress, CancellationToken cancellationToken)
    {
        if (Environment.GetEnvironmentVariable(OverrideVariable) is { Length: > 0 } named)
            return File.Exists(named) ? named : throw new EnginePackageException($"{OverrideVariable} names {named}, which does not exist.");

        using var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        var package = PinnedPackage.ForThisMachine();
        var fetch = new PackageFetch(http, package, Registry(), Path.Combine(CacheRoot(), PinnedPackage.Version, package.Platform), progress, TimeProvider.System);
        return await fetch.EnsureAsync(cancellationToken);
    }

    /// <summary>The npm registry: npm_config_registry or the public registry.</summary>
    internal static Uri Registry()
    {
        var address = Environment.GetEnvironmentVariable("npm_config_registry") ?? Environment.GetEnvironmentVariable("NPM_CONFIG_REGISTRY");
        return new Uri((string.IsNullOrWhiteSpace(address) ? "https://registry.npmjs.org" : address).TrimEnd('/') + "/");
    }

    /// <summary>The user's cache: $XDG_CACHE_HOME/segops/clickhouse-engine. The default of the variable is ~/.cache.</summary>
    internal static string CacheRoot()
    {
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        var root = string.IsNullOrWhiteSpace(cache)
            ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify), ".cache")
            : cache;
        return Path.Combine(root, "segops", "clickhouse-engine");
    }
}

namespace SegOps.EmbeddedClickHouse.EnginePackage;

/// <summary>Where the engine's library lies on this machine.</summary>
internal static class EngineLocator
{
    /// <summary>Names a libchdb to use instead of the pinned package, for machines without a registry.</summary>
    public const string OverrideVariable = "SEGOPS_CLICKHOUSE_ENGINE";

    /// <summary>Whether there is an engine for this machine, be it fetched or not.</summary>
    public static bool IsAvailable => Environment.GetEnvironmentVariable(OverrideVariable) is { Length: > 0 } || PinnedPackage.IsForThisMachine;

    /// <summary>The library's path; fetched first if this user has not got it yet.</summary>
    /// <exception cref="EnginePackageException">It cannot be had.</exception>
    public static async Task<string> LocateAsync(TextWriter progress, CancellationToken cancellationToken)
    {
        if (Environment.GetEnvironmentVariable(OverrideVariable) is { Length: > 0 } named)
            return File.Exists(named) ? named : throw new EnginePackageException($"{OverrideVariable} names {named}, which is not there.");

        using var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        var package = PinnedPackage.ForThisMachine();
        var fetch = new PackageFetch(http, package, Registry(), Path.Combine(CacheRoot(), PinnedPackage.Version, package.Platform), progress, TimeProvider.System);
        return await fetch.EnsureAsync(cancellationToken);
    }

    /// <summary>The registry as npm finds it: npm_config_registry or the public one.</summary>
    internal static Uri Registry()
    {
        var address = Environment.GetEnvironmentVariable("npm_config_registry") ?? Environment.GetEnvironmentVariable("NPM_CONFIG_REGISTRY");
        return new Uri((string.IsNullOrWhiteSpace(address) ? "https://registry.npmjs.org" : address).TrimEnd('/') + "/");
    }

    /// <summary>This user's cache: $XDG_CACHE_HOME/segops/clickhouse-engine, ~/.cache without the variable.</summary>
    internal static string CacheRoot()
    {
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        var root = string.IsNullOrWhiteSpace(cache)
            ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify), ".cache")
            : cache;
        return Path.Combine(root, "segops", "clickhouse-engine");
    }
}

namespace SegOps.EmbeddedClickHouse.Engine;

/// <summary>What the engine is started with.</summary>
/// <param name="Library">The libchdb to load.</param>
/// <param name="DataPath">The directory that holds the data; one process at a time.</param>
/// <param name="MemoryBytes">The engine's limit on the process's memory; a query over it fails with error 241.</param>
internal sealed record EngineOptions(string Library, string DataPath, long MemoryBytes)
{
    /// <summary>Native calls at a time; further ones wait their turn. 16 held up in trials with 8 clients on 2 cores.</summary>
    public const int ConcurrentCalls = 16;

    /// <summary>2 GiB: the process was seen to use 0.8 GiB under insert load. The engine also stays below 90 % of the machine.</summary>
    public const long DefaultMemoryBytes = 2L << 30;

    /// <summary>The command line of the connection that boots the engine.</summary>
    public string[] Arguments =>
    [
        "clickhouse",
        $"--path={DataPath}",
        $"--max_server_memory_usage={MemoryBytes}",
        $"--mark_cache_size={Math.Min(MemoryBytes / 16, 256 << 20)}",
        $"--background_pool_size={Math.Max(2, Environment.ProcessorCount)}",
    ];
}

namespace SegOps.EmbeddedClickHouse.Engine;

/// <summary>Options of the engine.</summary>
/// <param name="Library">Path of libchdb.</param>
/// <param name="DataPath">Directory of the data. Only one process at a time may use it.</param>
/// <param name="MemoryBytes">Memory limit of the process. A query that exceeds it fails with error 241.</param>
internal sealed record EngineOptions(string Library, string DataPath, long MemoryBytes)
{
    /// <summary>Maximum of concurrent native calls. Further calls wait. 16 was sufficient in tests with 8 clients on 2 cores.</summary>
    public const int ConcurrentCalls = 16;

    /// <summary>2 GiB. The process used 0.8 GiB under insert load. The engine also stays below 90 % of the machine's memory.</summary>
    public const long DefaultMemoryBytes = 2L << 30;

    /// <summary>The command line of the first connection, which starts the engine.</summary>
    public string[] Arguments =>
    [
        "clickhouse",
        $"--path={DataPath}",
        $"--max_server_memory_usage={MemoryBytes}",
        $"--mark_cache_size={Math.Min(MemoryBytes / 16, 256 << 20)}",
        $"--background_pool_size={Math.Max(2, Environment.ProcessorCount)}",
        // By default a query gets a thread for each free GiB, which is one thread where 2 GiB are the limit.
        $"--max_threads_min_free_memory_per_thread={MemoryBytes / 32}",
    ];
}

using System.ComponentModel.DataAnnotations;

namespace SegOps.Ingestor;

/// <summary>Configuration section <c>Ingestor</c>.</summary>
internal sealed class IngestorOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Ingestor";

    /// <summary>How long a batch waits for more messages, counted from its first; 250 ms. Leaves most of the 1 s target to the insert.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00", ErrorMessage = "Ingestor:BatchDelay must lie between 1 ms and 1 minute.")]
    public TimeSpan BatchDelay { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Rows at which a batch is inserted without waiting further; 100,000. ClickHouse advises 10,000 to 100,000 an insert.</summary>
    [Range(1, 1_000_000, ErrorMessage = "Ingestor:BatchRows must lie between 1 and 1,000,000.")]
    public int BatchRows { get; set; } = 100_000;

    /// <summary>Bytes, uncompressed, at which a batch is inserted without waiting further; 40 MB. Two batches a stream are held at most.</summary>
    [Range(1L, 1L << 30, ErrorMessage = "Ingestor:BatchBytes must lie between 1 and 1 GiB.")]
    public long BatchBytes { get; set; } = 40_000_000;

    /// <summary>Deadline of one attempt at an insert or a schema statement; 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00", ErrorMessage = "Ingestor:InsertTimeout must lie between 100 ms and 10 minutes.")]
    public TimeSpan InsertTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Pause before the first retry, doubled (with jitter) up to <see cref="MaxRetryDelay"/>; 200 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00", ErrorMessage = "Ingestor:RetryDelay must lie between 1 ms and 1 minute.")]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Longest pause between retries; 5 s, so that a backlog drains soon after ClickHouse is back.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:05:00", ErrorMessage = "Ingestor:MaxRetryDelay must lie between 1 ms and 5 minutes.")]
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long the last inserts may take at shutdown before what is left is nacked; 25 s. The host waits 5 s longer, which stays
    /// within the 30 s that orchestrators grant.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00", ErrorMessage = "Ingestor:ShutdownGrace must lie between 0 and 10 minutes.")]
    public TimeSpan ShutdownGrace { get; set; } = TimeSpan.FromSeconds(25);
}

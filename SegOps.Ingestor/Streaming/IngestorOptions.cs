using System.ComponentModel.DataAnnotations;

namespace SegOps.Ingestor.Streaming;

/// <summary>Configuration section <c>Ingestor</c>.</summary>
internal sealed class IngestorOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Ingestor";

    /// <summary>Maximum time to fill a batch after its first message. Default 250 ms, which leaves most of the 1 s target to the insert.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00", ErrorMessage = "Ingestor:BatchDelay must lie between 1 ms and 1 minute.")]
    public TimeSpan BatchDelay { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// As <see cref="BatchDelay"/>, for late events. Default 5 s. An insert takes a part of the table for each month, so few and large inserts are what
    /// keeps the cost of events of many months low.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00", ErrorMessage = "Ingestor:LateBatchDelay must lie between 1 ms and 1 minute.")]
    public TimeSpan LateBatchDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Age of a late event, since its receipt, from which the worker is degraded. Default 2 minutes, which is less than Monitoring waits before it calls
    /// an event missing (<c>Ledger:Patience</c>).
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ErrorMessage = "Ingestor:MaxLateAge must lie between 1 s and 1 hour.")]
    public TimeSpan MaxLateAge { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Maximum rows of a batch. Default 100,000: ClickHouse advises 10,000 to 100,000 rows per insert.</summary>
    [Range(1, 1_000_000, ErrorMessage = "Ingestor:BatchRows must lie between 1 and 1,000,000.")]
    public int BatchRows { get; set; } = 100_000;

    /// <summary>Maximum uncompressed bytes of a batch. Default 40 MB. A stream holds at most two batches.</summary>
    [Range(1L, 1L << 30, ErrorMessage = "Ingestor:BatchBytes must lie between 1 and 1 GiB.")]
    public long BatchBytes { get; set; } = 40_000_000;

    /// <summary>Deadline of one attempt at an insert or a schema statement. Default 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00", ErrorMessage = "Ingestor:InsertTimeout must lie between 100 ms and 10 minutes.")]
    public TimeSpan InsertTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Pause before the first retry. It doubles, with jitter, up to <see cref="MaxRetryDelay"/>. Default 200 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00", ErrorMessage = "Ingestor:RetryDelay must lie between 1 ms and 1 minute.")]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Maximum pause between retries. Default 5 s, so that a backlog drains soon after ClickHouse recovers.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:05:00", ErrorMessage = "Ingestor:MaxRetryDelay must lie between 1 ms and 5 minutes.")]
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Time after which a stream with an unstored batch receives no more messages. They stay in Pub/Sub. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00", ErrorMessage = "Ingestor:PauseAfter must lie between 100 ms and 10 minutes.")]
    public TimeSpan PauseAfter { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Maximum time for the last inserts at shutdown; then the rest is nacked. Default 25 s. The host waits 5 s longer, which is
    /// within the 30 s that orchestrators grant.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00", ErrorMessage = "Ingestor:ShutdownGrace must lie between 0 and 10 minutes.")]
    public TimeSpan ShutdownGrace { get; set; } = TimeSpan.FromSeconds(25);
}

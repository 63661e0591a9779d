using System.ComponentModel.DataAnnotations;

namespace SegOps.PubSub.Configuration;

/// <summary>Configuration section <c>PubSub:Publisher</c>. Defaults are those of Google.Cloud.PubSub.V1 unless noted.</summary>
public sealed class PublisherOptions
{
    /// <summary>Maximum messages per Publish call. Default 100; Pub/Sub's limit is 1,000.</summary>
    [Range(1, 1_000, ErrorMessage = "PubSub:Publisher:MaxBatchMessages must be between 1 and 1000.")]
    public int MaxBatchMessages { get; set; } = 100;

    /// <summary>Maximum bytes per Publish call; a larger message is sent alone. Default 1,000,000; Pub/Sub's limit is 10 MB.</summary>
    [Range(1, 9_000_000, ErrorMessage = "PubSub:Publisher:MaxBatchBytes must be between 1 and 9000000.")]
    public int MaxBatchBytes { get; set; } = 1_000_000;

    /// <summary>Maximum wait of a message for others to share its call. Default 10 ms; 0 sends at once.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:10", ErrorMessage = "PubSub:Publisher:MaxBatchDelay must be between 0 and 10 s.")]
    public TimeSpan MaxBatchDelay { get; set; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Maximum messages held; further ones are refused at once. Default 10,000 (Google's client has no limit).</summary>
    [Range(1, 1_000_000, ErrorMessage = "PubSub:Publisher:MaxBufferedMessages must be between 1 and 1000000.")]
    public int MaxBufferedMessages { get; set; } = 10_000;

    /// <summary>Maximum bytes held; further messages are refused at once. Default 100,000,000 (Google's client has no limit).</summary>
    [Range(10_000_000, 10_000_000_000, ErrorMessage = "PubSub:Publisher:MaxBufferedBytes must be between 10000000 and 10000000000.")]
    public long MaxBufferedBytes { get; set; } = 100_000_000;

    /// <summary>Maximum Publish calls in flight. Default 16 (ours): enough for a round trip of 50 ms at 300 calls per second.</summary>
    [Range(1, 100, ErrorMessage = "PubSub:Publisher:MaxConcurrentCalls must be between 1 and 100.")]
    public int MaxConcurrentCalls { get; set; } = 16;

    /// <summary>
    /// Maximum time from accepting a message until it is confirmed or abandoned. Default 2 s, while Google's client allows 10 min:
    /// a client of the HTTP API waits for the answer and can retry after an early 503.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00", ErrorMessage = "PubSub:Publisher:MessageDeadline must be between 100 ms and 10 min.")]
    public TimeSpan MessageDeadline { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Deadline of a Publish call, limited by the deadlines of its messages. Default 60 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00", ErrorMessage = "PubSub:Publisher:CallDeadline must be between 100 ms and 10 min.")]
    public TimeSpan CallDeadline { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Attempts per Publish call. Default 5.</summary>
    [Range(1, 100, ErrorMessage = "PubSub:Publisher:MaxAttempts must be between 1 and 100.")]
    public int MaxAttempts { get; set; } = 5;

    /// <summary>Wait before the second attempt; each further wait is four times as long, with jitter. Default 100 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00", ErrorMessage = "PubSub:Publisher:RetryDelay must be between 1 ms and 1 min.")]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Maximum wait between attempts. Default 60 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:10:00", ErrorMessage = "PubSub:Publisher:RetryMaxDelay must be between 1 ms and 10 min.")]
    public TimeSpan RetryMaxDelay { get; set; } = TimeSpan.FromSeconds(60);
}

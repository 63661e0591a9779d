using System.ComponentModel.DataAnnotations;

namespace SegOps.PubSub.Configuration;

/// <summary>The method of receiving messages.</summary>
public enum PullMode
{
    /// <summary>Successive Pull calls.</summary>
    Pull,

    /// <summary>StreamingPull streams.</summary>
    StreamingPull,
}

/// <summary>Configuration section <c>PubSub:Subscriber</c>. Defaults are those of Google.Cloud.PubSub.V1 unless noted.</summary>
public sealed class SubscriberOptions
{
    /// <summary>The method of receiving messages. Default null: Pull on the emulator, StreamingPull on the real service.</summary>
    public PullMode? Mode { get; set; }

    /// <summary>Number of StreamingPull streams. Default 1; Pub/Sub delivers about 10 MB/s per stream.</summary>
    [Range(1, 64, ErrorMessage = "PubSub:Subscriber:Streams must be between 1 and 64.")]
    public int Streams { get; set; } = 1;

    /// <summary>Maximum messages per stream that are not acked or nacked; one response can exceed it. Default 1,000.</summary>
    [Range(1, 100_000, ErrorMessage = "PubSub:Subscriber:MaxOutstandingMessages must be between 1 and 100000.")]
    public int MaxOutstandingMessages { get; set; } = 1_000;

    /// <summary>Maximum bytes per stream that are not acked or nacked; one response can exceed it. Default 100,000,000.</summary>
    [Range(1, 10_000_000_000, ErrorMessage = "PubSub:Subscriber:MaxOutstandingBytes must be between 1 and 10000000000.")]
    public long MaxOutstandingBytes { get; set; } = 100_000_000;

    /// <summary>
    /// Lease of a message from its delivery or extension. Default 60 s; Pub/Sub allows 10 s to 10 min. With Pull, the first lease is that of the
    /// subscription, which in development is created with this value.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:10", "00:10:00", ErrorMessage = "PubSub:Subscriber:AckDeadline must be between 10 s and 10 min.")]
    public TimeSpan AckDeadline { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Time before expiry at which a lease is extended. Default 15 s.</summary>
    [Range(typeof(TimeSpan), "00:00:02", "00:05:00", ErrorMessage = "PubSub:Subscriber:ExtendBefore must be between 2 s and 5 min.")]
    public TimeSpan ExtendBefore { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Maximum age of a message's first delivery; then it is given back. Each further delivery may be held four times as long. Default 5 min
    /// (ours; 60 min for each delivery in Google's client).
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00", ErrorMessage = "PubSub:Subscriber:MaxExtension must be between 0 and 1 day.")]
    public TimeSpan MaxExtension { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Maximum messages per Acknowledge or ModifyAckDeadline call. Default 250.</summary>
    [Range(1, 2_500, ErrorMessage = "PubSub:Subscriber:MaxAckIds must be between 1 and 2500.")]
    public int MaxAckIds { get; set; } = 250;

    /// <summary>Maximum Acknowledge and ModifyAckDeadline calls in flight. Default 3.</summary>
    [Range(1, 100, ErrorMessage = "PubSub:Subscriber:MaxConcurrentAckCalls must be between 1 and 100.")]
    public int MaxConcurrentAckCalls { get; set; } = 3;

    /// <summary>Deadline of an Acknowledge or ModifyAckDeadline call. Default 10 s (ours), so that three attempts fit into a lease.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00", ErrorMessage = "PubSub:Subscriber:AckCallDeadline must be between 100 ms and 10 min.")]
    public TimeSpan AckCallDeadline { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Attempts per Acknowledge or ModifyAckDeadline call; the wait doubles from 100 ms to 5 s, with jitter. Default 5 (ours).</summary>
    [Range(1, 100, ErrorMessage = "PubSub:Subscriber:MaxAckAttempts must be between 1 and 100.")]
    public int MaxAckAttempts { get; set; } = 5;

    /// <summary>Deadline of a Pull call. Default 30 s (ours). Without messages, the real service waits for it; the emulator answers at once.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00", ErrorMessage = "PubSub:Subscriber:PullDeadline must be between 100 ms and 10 min.")]
    public TimeSpan PullDeadline { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Maximum pause after an empty answer of the emulator. The first pause is an eighth of it; each further one doubles. Default 50 ms:
    /// the emulator pauses as long in a waiting call. A call costs each side about 1 ms of processor time.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00", ErrorMessage = "PubSub:Subscriber:PollInterval must be between 1 ms and 1 min.")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Interval of empty requests that keep an idle stream open. Default 25 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00", ErrorMessage = "PubSub:Subscriber:PingInterval must be between 1 s and 10 min.")]
    public TimeSpan PingInterval { get; set; } = TimeSpan.FromSeconds(25);

    /// <summary>Wait before receiving restarts after a failure; doubles with every consecutive failure, with jitter. Default 500 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00", ErrorMessage = "PubSub:Subscriber:ReconnectDelay must be between 1 ms and 1 min.")]
    public TimeSpan ReconnectDelay { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Maximum wait before receiving restarts. Default 5 s (ours): the maximum wait of events after an outage.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:10:00", ErrorMessage = "PubSub:Subscriber:ReconnectMaxDelay must be between 1 ms and 10 min.")]
    public TimeSpan ReconnectMaxDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Age from which a stream that ends Unavailable is reopened at once, because Pub/Sub ends streams routinely. Default 45 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ErrorMessage = "PubSub:Subscriber:LongLived must be between 1 s and 1 h.")]
    public TimeSpan LongLived { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>Maximum wait at shutdown for the end of half-closed streams, and for the last acks. Default 10 s (ours).</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00", ErrorMessage = "PubSub:Subscriber:DrainTimeout must be between 100 ms and 5 min.")]
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(10);
}

using System.ComponentModel.DataAnnotations;

namespace SegOps.PubSub.Configuration;

/// <summary>How messages are received.</summary>
public enum PullMode
{
    /// <summary>By one Pull call after another.</summary>
    Pull,

    /// <summary>By streams that stay open.</summary>
    StreamingPull,
}

/// <summary>Configuration section <c>PubSub:Subscriber</c>. Defaults are those of Google.Cloud.PubSub.V1 unless said otherwise.</summary>
public sealed class SubscriberOptions
{
    /// <summary>How messages are received; null, the default, means Pull on the emulator and StreamingPull on the real service.</summary>
    public PullMode? Mode { get; set; }

    /// <summary>Streams open at the same time by StreamingPull. Default 1; Google's service gives about 10 MB/s on one.</summary>
    [Range(1, 64, ErrorMessage = "PubSub:Subscriber:Streams must be between 1 and 64.")]
    public int Streams { get; set; } = 1;

    /// <summary>Most messages held per stream until acked or nacked. Default 1,000; reading stops above it, up to one response past it.</summary>
    [Range(1, 100_000, ErrorMessage = "PubSub:Subscriber:MaxOutstandingMessages must be between 1 and 100000.")]
    public int MaxOutstandingMessages { get; set; } = 1_000;

    /// <summary>Most bytes held per stream until acked or nacked. Default 100,000,000; reading stops above it, up to one response past it.</summary>
    [Range(1, 10_000_000_000, ErrorMessage = "PubSub:Subscriber:MaxOutstandingBytes must be between 1 and 10000000000.")]
    public long MaxOutstandingBytes { get; set; } = 100_000_000;

    /// <summary>
    /// Lease of a message from its delivery or extension. Default 60 s; the service takes 10 s to 10 min. By Pull the first lease is that of the
    /// subscription, which is created with this one in development.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:10", "00:10:00", ErrorMessage = "PubSub:Subscriber:AckDeadline must be between 10 s and 10 min.")]
    public TimeSpan AckDeadline { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long before it expires a lease is extended. Default 15 s.</summary>
    [Range(typeof(TimeSpan), "00:00:02", "00:05:00", ErrorMessage = "PubSub:Subscriber:ExtendBefore must be between 2 s and 5 min.")]
    public TimeSpan ExtendBefore { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Leases are not extended past this age of the delivery: the message is delivered again. Default 60 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00", ErrorMessage = "PubSub:Subscriber:MaxExtension must be between 0 and 1 day.")]
    public TimeSpan MaxExtension { get; set; } = TimeSpan.FromMinutes(60);

    /// <summary>Most messages per Acknowledge or ModifyAckDeadline call. Default 250.</summary>
    [Range(1, 2_500, ErrorMessage = "PubSub:Subscriber:MaxAckIds must be between 1 and 2500.")]
    public int MaxAckIds { get; set; } = 250;

    /// <summary>Most Acknowledge and ModifyAckDeadline calls in flight. Default 3.</summary>
    [Range(1, 100, ErrorMessage = "PubSub:Subscriber:MaxConcurrentAckCalls must be between 1 and 100.")]
    public int MaxConcurrentAckCalls { get; set; } = 3;

    /// <summary>Deadline of one Acknowledge or ModifyAckDeadline call. Default 10 s: our own, so that three attempts fit into a lease.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00", ErrorMessage = "PubSub:Subscriber:AckCallDeadline must be between 100 ms and 10 min.")]
    public TimeSpan AckCallDeadline { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Attempts per Acknowledge or ModifyAckDeadline call, 100 ms apart and doubling up to 5 s, with jitter. Default 5: our own.</summary>
    [Range(1, 100, ErrorMessage = "PubSub:Subscriber:MaxAckAttempts must be between 1 and 100.")]
    public int MaxAckAttempts { get; set; } = 5;

    /// <summary>Deadline of one Pull call. Default 30 s: our own. The real service answers an empty one after it, the emulator at once.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00", ErrorMessage = "PubSub:Subscriber:PullDeadline must be between 100 ms and 10 min.")]
    public TimeSpan PullDeadline { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Longest pause after an empty answer of the emulator. The first pause is an eighth of it, and each further one twice as long. Default 50 ms:
    /// the emulator itself pauses as long in a waiting call. A call costs each side about a millisecond of a core.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00", ErrorMessage = "PubSub:Subscriber:PollInterval must be between 1 ms and 1 min.")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>An empty request keeps a quiet stream open this often. Default 25 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00", ErrorMessage = "PubSub:Subscriber:PingInterval must be between 1 s and 10 min.")]
    public TimeSpan PingInterval { get; set; } = TimeSpan.FromSeconds(25);

    /// <summary>Wait before receiving restarts after a failure; doubles with every consecutive failure, with jitter. Default 500 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00", ErrorMessage = "PubSub:Subscriber:ReconnectDelay must be between 1 ms and 1 min.")]
    public TimeSpan ReconnectDelay { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Longest wait before receiving restarts. Default 5 s: our own. Events wait at most that long after an outage.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:10:00", ErrorMessage = "PubSub:Subscriber:ReconnectMaxDelay must be between 1 ms and 10 min.")]
    public TimeSpan ReconnectMaxDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>A stream that lived this long and ended Unavailable is reopened at once, because the service ends streams routinely. Default 45 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ErrorMessage = "PubSub:Subscriber:LongLived must be between 1 s and 1 h.")]
    public TimeSpan LongLived { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>At shutdown, longest wait for the streams to end after their half-close, and for the last acks. Default 10 s: our own.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00", ErrorMessage = "PubSub:Subscriber:DrainTimeout must be between 100 ms and 5 min.")]
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(10);
}

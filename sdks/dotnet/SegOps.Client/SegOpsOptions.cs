using System.Text.Json;

namespace SegOps.Client;

/// <summary>The settings of a client. Read once, when the client is made.</summary>
public sealed class SegOpsOptions
{
    /// <summary>The base URL of SegOps. <c>http</c> is only for this machine, unless <see cref="AllowInsecure"/> is set.</summary>
    public Uri ApiUrl { get; set; } = new("https://api.segops.ai");

    /// <summary>The API key: a secret one (<c>sk_…</c>) on servers, a publishable one (<c>pk_…</c>) in apps that people install. Required.</summary>
    public string ApiKey { get; set; } = "";

    /// <summary>False makes a client that does nothing: it sends, counts and reports no event. Default: true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Events in the queue at which a batch is sent without waiting: 1 or more. Default: 100.</summary>
    public int FlushAt { get; set; } = 100;

    /// <summary>How long an event waits for others at most. Default: 5 seconds.</summary>
    public TimeSpan FlushInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Bytes of a request's body before compression: 1 to 10,485,760. An event above it is sent alone. Default: 2 MiB.</summary>
    public int MaxBatchBytes { get; set; } = 2 * 1024 * 1024;

    /// <summary>Events that can be queued or in flight. Further ones are dropped as <see cref="DropReason.QueueFull"/>. Default: 10,000.</summary>
    public int MaxQueueEvents { get; set; } = 10_000;

    /// <summary>Bytes of JSON that can be queued or in flight. Further ones are dropped as <see cref="DropReason.QueueFull"/>. Default: 32 MiB.</summary>
    public long MaxQueueBytes { get; set; } = 32 * 1024 * 1024;

    /// <summary>How long one request may take, with its answer. Default: 15 seconds.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>The first wait after a failure. It doubles with every further one; each is shortened at random by up to half. Default: 1 second.</summary>
    public TimeSpan BackoffBase { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait between two attempts, if the server asks for no longer one. Default: 60 seconds.</summary>
    public TimeSpan BackoffMax { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long an event is tried. Then it is dropped as <see cref="DropReason.Expired"/>. Default: 24 hours.</summary>
    public TimeSpan MaxEventAge { get; set; } = TimeSpan.FromHours(24);

    /// <summary>The deadline of a shutdown or a flush that names none. Default: 10 seconds.</summary>
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether bodies of 1 KiB or more are compressed. Default: true.</summary>
    public bool Gzip { get; set; } = true;

    /// <summary>Whether <c>http</c> may lead to another machine, where everybody on the way reads the key. Default: false.</summary>
    public bool AllowInsecure { get; set; }

    /// <summary>
    /// How payloads that are neither dictionaries nor JSON nodes are serialised. With trimming or native AOT it needs a
    /// <see cref="JsonSerializerOptions.TypeInfoResolver"/>, such as a source-generated context. Default: by reflection where that is enabled,
    /// with names as they are written.
    /// </summary>
    public JsonSerializerOptions? PayloadJson { get; set; }

    /// <summary>
    /// Called once for each event that is not delivered. Callbacks run one after another, on no caller's thread. What they throw is ignored.
    /// A slow callback delays the others, and their notices are kept in memory.
    /// </summary>
    public Action<EventDrop>? OnDrop { get; set; }

    /// <summary>Called once when the client begins to hold its events, as <see cref="OnDrop"/> is.</summary>
    public Action<ClientError>? OnError { get; set; }

    /// <summary>Called for each warning about an event, as <see cref="OnDrop"/> is.</summary>
    public Action<EventWarning>? OnWarning { get; set; }

    /// <summary>The mean time between two probes while the quota is used up. Each differs by up to 20 %.</summary>
    internal TimeSpan QuotaProbeInterval { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>The mean time between two probes while key or URL are refused. Each differs by up to 20 %.</summary>
    internal TimeSpan ConfigurationProbeInterval { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long the smaller limit lasts that follows from an answer 413.</summary>
    internal TimeSpan ByteLimitDuration { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>A copy, which later changes of this object do not reach.</summary>
    internal SegOpsOptions Copy() => (SegOpsOptions)MemberwiseClone();
}

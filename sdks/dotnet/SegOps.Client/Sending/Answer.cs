namespace SegOps.Client.Sending;

/// <summary>What an answer means for the batch and for the client.</summary>
internal enum Verdict
{
    /// <summary>The server has decided on events: <see cref="Answer.Findings"/> are rejected.</summary>
    Decided,

    /// <summary>The batch cannot be taken as it is: its size, or something in it.</summary>
    Split,

    /// <summary>The attempt failed, and another can succeed.</summary>
    Transient,

    /// <summary>Transient the first times, then the batch's fault.</summary>
    BadRequest,

    /// <summary>The quota of events is used up.</summary>
    Quota,

    /// <summary>Key, URL or something on the way is wrong, which is no event's fault.</summary>
    Configuration,

    /// <summary>The server, or something on the way, does not take compressed bodies.</summary>
    PlainOnly,
}

/// <summary>An entry of <c>errors</c> or <c>warnings</c>.</summary>
internal readonly record struct Finding(int Index, string? Field, string? Code, string? Message);

/// <summary>The server's answer to a batch, or the lack of one.</summary>
internal sealed record Answer(Verdict Verdict)
{
    /// <summary>Zero if there was no answer.</summary>
    public int Status { get; init; }

    public string? Code { get; init; }

    /// <summary>Why the attempt failed, without anything that could be personal.</summary>
    public string Cause => Code ?? Failure ?? (Status == 0 ? "no answer" : $"status {Status}");

    /// <summary>What happened instead of an answer that makes sense.</summary>
    public string? Failure { get; init; }

    /// <summary>The first error of each rejected event.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    public IReadOnlyList<Finding> Warnings { get; init; } = [];

    /// <summary>Whether the events without a finding are accepted. Otherwise they are sent again.</summary>
    public bool RestAccepted { get; init; }

    /// <summary>How long the server wants no request.</summary>
    public TimeSpan Pause { get; init; }

    /// <summary>Events that still fit the quota.</summary>
    public int Remaining { get; init; }
}

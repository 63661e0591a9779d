namespace SegOps.Client;

/// <summary>An event that was not delivered and never will be.</summary>
public sealed class EventDrop
{
    /// <summary>The id that <see cref="ISegOpsClient.Track"/> returned.</summary>
    public Guid EventId { get; init; }

    /// <summary>The event's type, as it was tracked.</summary>
    public string EventType { get; init; } = "";

    /// <summary>Why it was not delivered.</summary>
    public DropReason Reason { get; init; }

    /// <summary>The HTTP status of the server's answer, if there was one.</summary>
    public int? Status { get; init; }

    /// <summary>The server's error code, such as <c>too_long</c>. A drop without an answer has the code that the server would have given.</summary>
    public string? Code { get; init; }

    /// <summary>The event's field that is wrong, such as <c>user_id</c>.</summary>
    public string? Field { get; init; }

    /// <summary>What is wrong, for people. Never repeats a value of the event.</summary>
    public string? Message { get; init; }
}

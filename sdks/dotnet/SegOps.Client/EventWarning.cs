namespace SegOps.Client;

/// <summary>Something about an event, or a batch, that should be corrected. The event is delivered all the same.</summary>
public sealed class EventWarning
{
    /// <summary>The event's id. Null if the warning concerns a whole batch.</summary>
    public Guid? EventId { get; init; }

    /// <summary>The event's type. Null if the warning concerns a whole batch.</summary>
    public string? EventType { get; init; }

    /// <summary>The field that the warning is about.</summary>
    public string? Field { get; init; }

    /// <summary>The server's warning code, such as <c>event_type_not_snake_case</c>.</summary>
    public string? Code { get; init; }

    /// <summary>What should be corrected, for people. Never repeats a value of the event.</summary>
    public string Message { get; init; } = "";
}

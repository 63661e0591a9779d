using SegOps.InternalApi;

namespace SegOps.Monitoring.Status;

/// <summary><c>GET /api/ingestion/events/{event_id}</c>: the status of an event, below Ingestion's prefix, to which events are sent.</summary>
internal static class EventStatusEndpoint
{
    internal static WebApplicationBuilder AddEventStatus(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<AcceptedEvents>();
        builder.Services.AddSingleton<EventStatusQueries>();
        builder.Services.AddSingleton<EventStatusFinder>();
        return builder;
    }

    internal static void MapEventStatus(this RouteGroupBuilder api) => api.MapGet("/{event_id}", async (
        string event_id, Caller caller, EventStatusFinder finder, CancellationToken cancellationToken) =>
    {
        // The same format as in events.
        if (!Guid.TryParseExact(event_id, "D", out var id) || id == Guid.Empty)
            throw new InvalidParameterException("event_id takes a UUID of 32 hexadecimal digits with hyphens, such as 0190163d-8694-739b-aea5-966c26f8ad91.");
        return Results.Json(await finder.FindAsync(caller, id, cancellationToken));
    });
}

/// <summary>The status of an event; times are UTC. Unknown or inapplicable members are absent.</summary>
internal sealed record EventStatus
{
    /// <summary>The requested id.</summary>
    public required Guid EventId { get; init; }

    /// <summary>One of <see cref="EventStates"/>.</summary>
    public required string State { get; init; }

    /// <summary>The environment of the key.</summary>
    public required string Environment { get; init; }

    /// <summary>The event's type; absent for rejected events, for which it is not stored.</summary>
    public string? EventType { get; init; }

    /// <summary>The client's time of the event.</summary>
    public DateTime? OccurredAt { get; init; }

    /// <summary>The time of receipt of the last request with this event.</summary>
    public DateTime? ReceivedAt { get; init; }

    /// <summary>The time of the insert, since which it can be queried.</summary>
    public DateTime? StoredAt { get; init; }

    /// <summary>The time at which the warehouse first refused it.</summary>
    public DateTime? DeadLetteredAt { get; init; }

    /// <summary>The request of <see cref="ReceivedAt"/>; unknown while the event is in flight.</summary>
    public Guid? RequestId { get; init; }

    /// <summary>The explanation of the state; absent if the other members explain it.</summary>
    public string? Reason { get; init; }

    /// <summary>The errors of the last rejection.</summary>
    public IReadOnlyList<EventStatusError>? Errors { get; init; }
}

/// <summary>An error of a rejected event.</summary>
/// <param name="Code">The error code.</param>
/// <param name="Field">The invalid field; empty if the whole event or request is invalid.</param>
/// <param name="Message">The message in the answer.</param>
/// <param name="Fix">The error hint.</param>
internal sealed record EventStatusError(string Code, string Field, string Message, string Fix);

/// <summary>The states of an event. If several apply to an id, the first of this list is reported.</summary>
internal static class EventStates
{
    /// <summary>It can be queried.</summary>
    internal const string Stored = "stored";

    /// <summary>It was accepted, but the warehouse refused it. It needs a correction.</summary>
    internal const string DeadLettered = "dead_lettered";

    /// <summary>It was accepted within the last hour and is not stored yet.</summary>
    internal const string InFlight = "in_flight";

    /// <summary>Validation refused it.</summary>
    internal const string Rejected = "rejected";

    /// <summary>The id is unknown.</summary>
    internal const string Unknown = "unknown";
}

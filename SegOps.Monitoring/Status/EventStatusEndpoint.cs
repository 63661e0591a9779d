using SegOps.Monitoring.Http;
using SegOps.InternalApi;
using SegOps.ServiceDefaults.Redis;

namespace SegOps.Monitoring.Status;

/// <summary><c>GET /api/ingestion/events/{event_id}</c>: where an event is. The path has Ingestion's prefix, because events are sent there.</summary>
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
        string event_id, Caller caller, HttpRequest request, EventStatusFinder finder, RedisConnection redis, CancellationToken cancellationToken) =>
    {
        // The same form as in events.
        if (!Guid.TryParseExact(event_id, "D", out var id) || id == Guid.Empty)
            throw new InvalidParameterException("event_id takes a UUID of 32 hexadecimal digits with hyphens, such as 0190163d-8694-739b-aea5-966c26f8ad91.");
        return Results.Json(
            await finder.FindAsync(caller, id, request.Headers.RedisDeadline(redis), cancellationToken));
    });
}

/// <summary>Where one event is; times are UTC. A member that is not known, or has no meaning in the event's state, is absent.</summary>
internal sealed record EventStatus
{
    /// <summary>The id that was asked for.</summary>
    public required Guid EventId { get; init; }

    /// <summary>One of <see cref="EventStates"/>.</summary>
    public required string State { get; init; }

    /// <summary>The environment of the key, in which the event was looked for.</summary>
    public required string Environment { get; init; }

    /// <summary>The event's type. It is not kept of a refused event.</summary>
    public string? EventType { get; init; }

    /// <summary>When it happened, by the client's clock.</summary>
    public DateTime? OccurredAt { get; init; }

    /// <summary>When its request was received. Of several requests with this event it is the last.</summary>
    public DateTime? ReceivedAt { get; init; }

    /// <summary>When it was inserted. It can be queried since then.</summary>
    public DateTime? StoredAt { get; init; }

    /// <summary>When the warehouse refused it first.</summary>
    public DateTime? DeadLetteredAt { get; init; }

    /// <summary>The request of <see cref="ReceivedAt"/>. It is not known while the event is in flight.</summary>
    public Guid? RequestId { get; init; }

    /// <summary>What the state means, for people; absent where the other members say it.</summary>
    public string? Reason { get; init; }

    /// <summary>The faults of a refused event when it was refused last.</summary>
    public IReadOnlyList<EventStatusError>? Errors { get; init; }
}

/// <summary>One fault of a refused event.</summary>
/// <param name="Code">What is wrong.</param>
/// <param name="Field">The field at fault; empty when it is the whole event or request.</param>
/// <param name="Message">What the client was told.</param>
/// <param name="Fix">How to fix it.</param>
internal sealed record EventStatusError(string Code, string Field, string Message, string Fix);

/// <summary>Where an event can be. When several are true of an id, the first of this list is reported.</summary>
internal static class EventStates
{
    /// <summary>It can be queried.</summary>
    internal const string Stored = "stored";

    /// <summary>It was accepted, the warehouse refused it, and it waits to be corrected.</summary>
    internal const string DeadLettered = "dead_lettered";

    /// <summary>It was accepted within the last hour and is not stored yet.</summary>
    internal const string InFlight = "in_flight";

    /// <summary>It was not accepted.</summary>
    internal const string Rejected = "rejected";

    /// <summary>Nothing is known of it.</summary>
    internal const string Unknown = "unknown";
}

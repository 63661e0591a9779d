using SegOps.Contracts;
using SegOps.InternalApi;
using SegOps.ServiceDefaults.Redis;
using SegOps.Warehouse;
using StackExchange.Redis;

namespace SegOps.Monitoring.Status;

/// <summary>Finds the status of an event. If an id has several states, such as rejected and stored, <see cref="EventStates"/> ranks them.</summary>
internal sealed class EventStatusFinder(EventStatusQueries warehouse, AcceptedEvents accepted)
{
    private const string InFlightReason =
        "The event was accepted and will be stored, usually within a second. While a stage of the pipeline is down, it waits and is not lost.";

    private const string UnknownReason =
        "This id is unknown. Usually it was never sent with a key of this project and environment, or its request was refused before its events were " +
        "read. Refusals are kept for 30 days, events of test keys for 7. An accepted event can be unknown until it is stored, if that takes long.";

    /// <summary>Finds the event <paramref name="id"/> of the caller's project and environment.</summary>
    /// <exception cref="WarehouseUnavailableException">ClickHouse did not answer.</exception>
    /// <exception cref="RedisUnavailableException">Redis did not answer, and the event was not found elsewhere: it may be in flight.</exception>
    internal async Task<EventStatus> FindAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        if (await warehouse.StoredAsync(caller, id, cancellationToken) is { } stored)
            return stored;
        if (await warehouse.DeadLetteredAsync(caller, id, cancellationToken) is { } deadLettered)
            return deadLettered;

        var unknown = new EventStatus { EventId = id, State = EventStates.Unknown, Environment = caller.Environment, Reason = UnknownReason };
        try
        {
            if (await accepted.ReceivedAtAsync(caller, id, cancellationToken) is { } receivedAt)
                return unknown with { State = EventStates.InFlight, ReceivedAt = receivedAt, Reason = InFlightReason };
        }
        catch (RedisUnavailableException)
        {
            if (await warehouse.RejectedAsync(caller, id, cancellationToken) is { } known)
                return known;
            throw; // "unknown" would suggest that the event is lost
        }

        return await warehouse.RejectedAsync(caller, id, cancellationToken) ?? unknown;
    }
}

/// <summary>Reads the ids of events accepted within the last hour, which Ingestion stores in Redis.</summary>
internal sealed class AcceptedEvents(RedisConnection redis, TimeProvider clock)
{
    /// <summary>Maximum lead of the clock of the receiving server.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);

    /// <summary>The time of receipt of the event <paramref name="id"/>; null if unknown.</summary>
    /// <exception cref="RedisUnavailableException">Redis did not answer in time.</exception>
    internal async Task<DateTime?> ReceivedAtAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        var field = AcceptedIds.FieldOf(id);
        var found = await redis.AskAsync(
            database => Task.WhenAll(Keys(caller).Select(key => database.HashGetAsync(key, field))), redis.NewLookupDeadline(), cancellationToken);
        return found.Max(value => (long?)value) is { } milliseconds ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).UtcDateTime : null;
    }

    /// <summary>The hashes of the last hour, one per <see cref="AcceptedIds.Span"/>.</summary>
    private IEnumerable<RedisKey> Keys(Caller caller)
    {
        var latest = clock.GetUtcNow() + ClockSkew;
        for (var back = TimeSpan.Zero; back <= AcceptedIds.Kept + AcceptedIds.Span; back += AcceptedIds.Span)
            yield return RedisKeys.Accepted(caller.ProjectId, caller.Environment, latest - back);
    }
}

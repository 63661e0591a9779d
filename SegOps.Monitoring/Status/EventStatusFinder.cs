using SegOps.Contracts;
using SegOps.InternalApi;
using SegOps.ServiceDefaults.Redis;
using SegOps.Warehouse;
using StackExchange.Redis;

namespace SegOps.Monitoring.Status;

/// <summary>Finds out where an event is. An id can have several states, such as refused first and accepted later: <see cref="EventStates"/> ranks them.</summary>
internal sealed class EventStatusFinder(EventStatusQueries warehouse, AcceptedEvents accepted)
{
    private const string WhatInFlightMeans =
        "It was accepted and is on its way into the warehouse. That takes about a second; while a stage of the pipeline is down it waits, and is not lost.";

    private const string WhatUnknownMeans =
        "Nothing is known of this id. Mostly it was never sent with a key of this project and environment, or its request was refused before its events were " +
        "read. Refusals are known for 30 days, events of test keys for 7; and what was accepted can be unknown until it is stored, if that takes long.";

    /// <summary>Looks for the event <paramref name="id"/> of the caller's project and environment.</summary>
    /// <exception cref="WarehouseUnavailableException">ClickHouse did not answer.</exception>
    /// <exception cref="RedisUnavailableException">Redis did not answer, and the event is not found elsewhere: it may be in flight.</exception>
    internal async Task<EventStatus> FindAsync(Caller caller, Guid id, RedisDeadline deadline, CancellationToken cancellationToken)
    {
        if (await warehouse.StoredAsync(caller, id, cancellationToken) is { } stored)
            return stored;
        if (await warehouse.DeadLetteredAsync(caller, id, cancellationToken) is { } deadLettered)
            return deadLettered;

        var nothing = new EventStatus { EventId = id, State = EventStates.Unknown, Environment = caller.Environment, Reason = WhatUnknownMeans };
        try
        {
            if (await accepted.ReceivedAtAsync(caller, id, deadline, cancellationToken) is { } receivedAt)
                return nothing with { State = EventStates.InFlight, ReceivedAt = receivedAt, Reason = WhatInFlightMeans };
        }
        catch (RedisUnavailableException)
        {
            if (await warehouse.RejectedAsync(caller, id, cancellationToken) is { } known)
                return known;
            throw; // "Unknown" would be read as lost.
        }

        return await warehouse.RejectedAsync(caller, id, cancellationToken) ?? nothing;
    }
}

/// <summary>Asks Redis for events that were accepted within the last hour. Ingestion keeps their ids there.</summary>
internal sealed class AcceptedEvents(RedisConnection redis, TimeProvider clock)
{
    /// <summary>How far the clock of the server that received the event may be ahead.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);

    /// <summary>When the event <paramref name="id"/> was received; null when nothing is known of it.</summary>
    /// <exception cref="RedisUnavailableException">Redis did not answer in time.</exception>
    internal async Task<DateTime?> ReceivedAtAsync(Caller caller, Guid id, RedisDeadline deadline, CancellationToken cancellationToken)
    {
        var field = AcceptedIds.FieldOf(id);
        var found = await redis.AskAsync(
            database => Task.WhenAll(Keys(caller).Select(key => database.HashGetAsync(key, field))), deadline, cancellationToken);
        return found.Max(value => (long?)value) is { } milliseconds ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).UtcDateTime : null;
    }

    /// <summary>The hashes of all that was received within the last hour, one for each <see cref="AcceptedIds.Span"/>.</summary>
    private IEnumerable<RedisKey> Keys(Caller caller)
    {
        var latest = clock.GetUtcNow() + ClockSkew;
        for (var back = TimeSpan.Zero; back <= AcceptedIds.Kept + AcceptedIds.Span; back += AcceptedIds.Span)
            yield return RedisKeys.Accepted(caller.ProjectId, caller.Environment, latest - back);
    }
}

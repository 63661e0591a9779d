using SegOps.ServiceDefaults.InternalCalls;
using SegOps.ServiceDefaults.Redis;

namespace SegOps.Monitoring.Receipts;

/// <summary>Finds out where an event is. An id can be in several states, such as refused first and accepted later: <see cref="ReceiptStates"/> ranks them.</summary>
internal sealed class ReceiptFinder(ReceiptQueries warehouse, AcceptedEvents accepted)
{
    private const string WhatInFlightMeans =
        "It was accepted and is on its way into the warehouse. That takes about a second; while a stage of the pipeline is down it waits, and is not lost.";

    private const string WhatUnknownMeans =
        "Nothing is known of this id. Mostly it was never sent with a key of this project and environment, or its request was refused before its events were " +
        "read. Refusals are known for 30 days, events of test keys for 7; and what was accepted can be unknown until it is stored, if that takes long.";

    /// <summary>Looks for the event <paramref name="id"/> of the caller's project and environment.</summary>
    /// <exception cref="WarehouseUnavailableException">ClickHouse did not answer.</exception>
    /// <exception cref="RedisUnavailableException">Redis did not answer, and the event is not found elsewhere: it may be in flight.</exception>
    internal async Task<Receipt> FindAsync(Caller caller, Guid id, RedisBudget budget, CancellationToken cancellationToken)
    {
        if (await warehouse.StoredAsync(caller, id, cancellationToken) is { } stored)
            return stored;
        if (await warehouse.DeadLetteredAsync(caller, id, cancellationToken) is { } deadLettered)
            return deadLettered;

        var nothing = new Receipt { EventId = id, State = ReceiptStates.Unknown, Environment = caller.Environment, Reason = WhatUnknownMeans };
        try
        {
            if (await accepted.ReceivedAtAsync(caller, id, budget, cancellationToken) is { } receivedAt)
                return nothing with { State = ReceiptStates.InFlight, ReceivedAt = receivedAt, Reason = WhatInFlightMeans };
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

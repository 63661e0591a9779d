using SegOps.Contracts;
using SegOps.InternalApi;
using SegOps.Warehouse;

namespace SegOps.Segments.Api;

/// <summary>Waits until an event is stored with everything that rules read of it, so that a client sees the effect of what it has just sent.</summary>
internal sealed class StoredEventWait(WarehouseReader warehouse, TimeProvider clock)
{
    /// <summary>Longest wait: events are stored within 2 s.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>The views write their rows with the event, but not at the same instant. A payload without members sets no trait.</summary>
    private const string Stored = $$"""
        SELECT received_at
        FROM events
        WHERE {{QueryValues.OfProject}} AND {{EventColumns.EventId}} = {id:UUID}
            AND ({{EventColumns.EventType}} != '{{EventColumns.IdentifyType}}' OR JSONLength(payload) = 0
                OR ({{EventColumns.UserId}}, {{EventColumns.EventId}}) IN (
                    SELECT user_id, event_id FROM user_trait_values
                    WHERE {{QueryValues.OfProject}} AND event_id = {id:UUID}
                        AND user_id IN (SELECT user_id FROM events WHERE {{QueryValues.OfProject}} AND event_id = {id:UUID})))
        ORDER BY received_at
        LIMIT 1
        """;

    /// <summary>Waits for the event <paramref name="id"/>.</summary>
    /// <returns>The time of its receipt.</returns>
    /// <exception cref="SegmentFault">It is not stored in time.</exception>
    /// <exception cref="WarehouseUnavailableException">ClickHouse did not answer.</exception>
    internal async Task<DateTimeOffset> WaitAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        while (true)
        {
            var parameters = QueryValues.Project(caller.ProjectId, caller.Environment).With("id", id);
            if (await warehouse.ReadAsync(Stored, parameters, 1, static row => row.Utc(0), cancellationToken) is [var receivedAt])
                return receivedAt;
            if (clock.GetElapsedTime(began) >= Longest)
                throw new SegmentFault(
                    ErrorCodes.EventNotStored, "The event is not stored in the project and environment of the key yet. Retry, unless its status says that it was rejected.")
                {
                    RetryAfter = TimeSpan.FromSeconds(1),
                };
            await Task.Delay(Pause, clock, cancellationToken);
        }
    }
}

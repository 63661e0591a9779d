using ClickHouse.Driver.ADO.Parameters;
using ClickHouse.Driver.ADO.Readers;
using SegOps.Contracts;
using SegOps.Monitoring.Errors;
using SegOps.InternalApi;
using SegOps.Warehouse;

namespace SegOps.Monitoring.Status;

/// <summary>Finds an event in ClickHouse by its id, for which the large tables have bloom filters.</summary>
internal sealed class EventStatusQueries(WarehouseReader warehouse)
{
    /// <summary>Maximum rows of rejections: an event has at most about ten errors, and can be rejected repeatedly.</summary>
    private const int MaxFaults = 64;

    /// <summary>The last copy of the event, as in the list of events, and the time at which that copy was first stored.</summary>
    private const string Stored = $$"""
        SELECT {{EventColumns.EventType}}, {{EventColumns.OccurredAt}}, {{EventColumns.ReceivedAt}}, ingested_at, {{EventColumns.RequestId}}
        FROM events
        WHERE {{QueryValues.OfProject}} AND {{EventColumns.EventId}} = {id:UUID}
        ORDER BY {{EventColumns.ReceivedAt}} DESC, ingested_at
        LIMIT 1
        """;

    /// <summary>
    /// Reads only the error's name, which is last in ClickHouse's message: the rest quotes data and internals of the server. The row may not be
    /// JSON, which can be the reason for the refusal.
    /// </summary>
    private const string DeadLettered = $$"""
        SELECT code, arrayElement(extractAll(message, '\\(([A-Z][A-Z0-9_]{2,60})\\)'), -1), first_seen, JSONExtractString(raw, '{{EventColumns.EventType}}'),
            toDateTime64OrNull(JSONExtractString(raw, '{{EventColumns.ReceivedAt}}'), 6, 'UTC'),
            toUUIDOrNull(JSONExtractString(raw, '{{EventColumns.RequestId}}'))
        FROM dead_letters FINAL
        WHERE {{QueryValues.OfProject}} AND event_id = {id:UUID} AND source_table = 'events'
            AND dead_letter_id NOT IN (SELECT dead_letter_id FROM dead_letter_replays WHERE {{QueryValues.OfProject}})
        ORDER BY first_seen DESC
        LIMIT 1
        """;

    private static readonly string Rejected = $$"""
        SELECT {{IngestionErrorColumns.RequestId}}, {{IngestionErrorColumns.ReceivedAt}}, {{IngestionErrorColumns.Code}}, {{IngestionErrorColumns.Field}},
            {{IngestionErrorColumns.Message}}
        FROM ingestion_errors
        WHERE {{QueryValues.OfProject}} AND {{IngestionErrorColumns.Severity}} = '{{Severities.Error}}' AND has({{IngestionErrorColumns.EventIds}}, {id:UUID})
        ORDER BY {{IngestionErrorColumns.ReceivedAt}} DESC, {{IngestionErrorColumns.EventIndex}}, {{IngestionErrorColumns.Field}}, {{IngestionErrorColumns.Code}}
        LIMIT {{MaxFaults}}
        """;

    /// <summary>The stored event; null if there is none.</summary>
    /// <exception cref="WarehouseUnavailableException">ClickHouse did not answer.</exception>
    internal Task<EventStatus?> StoredAsync(Caller caller, Guid id, CancellationToken cancellationToken) =>
        OneAsync(Stored, caller, id, row => new EventStatus
        {
            EventId = id,
            State = EventStates.Stored,
            Environment = caller.Environment,
            EventType = row.GetString(0),
            OccurredAt = row.Utc(1),
            ReceivedAt = row.Utc(2),
            StoredAt = row.Utc(3),
            RequestId = row.GetGuid(4),
        }, cancellationToken);

    /// <summary>The event as an open dead letter; null if there is none.</summary>
    /// <exception cref="WarehouseUnavailableException">ClickHouse did not answer.</exception>
    internal Task<EventStatus?> DeadLetteredAsync(Caller caller, Guid id, CancellationToken cancellationToken) =>
        OneAsync(DeadLettered, caller, id, row => new EventStatus
        {
            EventId = id,
            State = EventStates.DeadLettered,
            Environment = caller.Environment,
            EventType = row.GetString(3) is { Length: > 0 } type ? type : null,
            ReceivedAt = row.IsDBNull(4) ? null : row.Utc(4),
            DeadLetteredAt = row.Utc(2),
            RequestId = row.IsDBNull(5) ? null : row.GetGuid(5),
            Reason = $"The analytics warehouse refused its row ({row.GetString(0)} {row.GetString(1)}".TrimEnd()
                + "). It is not lost: it is kept for 90 days, to be corrected and stored under the same id.",
        }, cancellationToken);

    /// <summary>The last rejection of the event; null if there is none.</summary>
    /// <exception cref="WarehouseUnavailableException">ClickHouse did not answer.</exception>
    internal async Task<EventStatus?> RejectedAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        var faults = await warehouse.ReadAsync(Rejected, Parameters(caller, id), MaxFaults, static row => (
            Request: row.GetGuid(0), ReceivedAt: row.Utc(1),
            Error: new EventStatusError(row.GetString(2), row.GetString(3), row.GetString(4), ErrorHints.Of(row.GetString(2)))), cancellationToken);
        return faults.Count == 0 ? null : new EventStatus
        {
            EventId = id,
            State = EventStates.Rejected,
            Environment = caller.Environment,
            ReceivedAt = faults[0].ReceivedAt,
            RequestId = faults[0].Request,
            // Copies of a row, and of the event within its batch, add no information.
            Errors = [.. faults.Where(fault => fault.Request == faults[0].Request).Select(fault => fault.Error).Distinct()],
        };
    }

    private async Task<EventStatus?> OneAsync(
        string sql, Caller caller, Guid id, Func<ClickHouseDataReader, EventStatus> read, CancellationToken cancellationToken) =>
        (await warehouse.ReadAsync(sql, Parameters(caller, id), 1, read, cancellationToken)).SingleOrDefault();

    private static ClickHouseParameterCollection Parameters(Caller caller, Guid id) => QueryValues.Project(caller.ProjectId, caller.Environment).With("id", id);
}

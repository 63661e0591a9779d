using ClickHouse.Driver.ADO.Parameters;
using ClickHouse.Driver.ADO.Readers;
using SegOps.Contracts;
using SegOps.Monitoring.Errors;
using SegOps.ServiceDefaults.InternalCalls;
using SegOps.Warehouse;

namespace SegOps.Monitoring.Receipts;

/// <summary>Looks for one event in ClickHouse's tables, by its id, which a bloom filter of each granule finds where rows are many.</summary>
internal sealed class ReceiptQueries(WarehouseReader warehouse)
{
    /// <summary>Rows of refusals that are looked at: an event has about ten faults at most, and may be refused again and again.</summary>
    private const int MaxFaults = 64;

    /// <summary>Of an event that was sent several times the last copy, as the list of events shows it, and when that was stored first.</summary>
    private const string Stored = $$"""
        SELECT {{EventColumns.EventType}}, {{EventColumns.OccurredAt}}, {{EventColumns.ReceivedAt}}, ingested_at, {{EventColumns.RequestId}}
        FROM events
        WHERE {{QueryValues.OfProject}} AND {{EventColumns.EventId}} = {id:UUID}
        ORDER BY {{EventColumns.ReceivedAt}} DESC, ingested_at
        LIMIT 1
        """;

    /// <summary>
    /// Of ClickHouse's message only the error's name, which stands last in it: the rest quotes data and names the server's insides. The row need not
    /// be JSON, for that may be why it was refused.
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

    /// <summary>The event as it is stored; null when it is not.</summary>
    /// <exception cref="WarehouseUnavailableException">ClickHouse did not answer.</exception>
    internal Task<Receipt?> StoredAsync(Caller caller, Guid id, CancellationToken cancellationToken) =>
        OneAsync(Stored, caller, id, row => new Receipt
        {
            EventId = id,
            State = ReceiptStates.Stored,
            Environment = caller.Environment,
            EventType = row.GetString(0),
            OccurredAt = row.Utc(1),
            ReceivedAt = row.Utc(2),
            StoredAt = row.Utc(3),
            RequestId = row.GetGuid(4),
        }, cancellationToken);

    /// <summary>The event as a dead letter that is open; null when it is none, or was replayed.</summary>
    /// <exception cref="WarehouseUnavailableException">ClickHouse did not answer.</exception>
    internal Task<Receipt?> DeadLetteredAsync(Caller caller, Guid id, CancellationToken cancellationToken) =>
        OneAsync(DeadLettered, caller, id, row => new Receipt
        {
            EventId = id,
            State = ReceiptStates.DeadLettered,
            Environment = caller.Environment,
            EventType = row.GetString(3) is { Length: > 0 } type ? type : null,
            ReceivedAt = row.IsDBNull(4) ? null : row.Utc(4),
            DeadLetteredAt = row.Utc(2),
            RequestId = row.IsDBNull(5) ? null : row.GetGuid(5),
            Reason = $"The analytics warehouse refused its row ({row.GetString(0)} {row.GetString(1)}".TrimEnd()
                + "). It is not lost: it is kept for 90 days, to be corrected and stored under the same id.",
        }, cancellationToken);

    /// <summary>The event as it was refused last; null when it was not.</summary>
    /// <exception cref="WarehouseUnavailableException">ClickHouse did not answer.</exception>
    internal async Task<Receipt?> RejectedAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        var faults = await warehouse.ReadAsync(Rejected, Parameters(caller, id), MaxFaults, static row => (
            Request: row.GetGuid(0), ReceivedAt: row.Utc(1),
            Error: new ReceiptError(row.GetString(2), row.GetString(3), row.GetString(4), Fixes.Of(row.GetString(2)))), cancellationToken);
        return faults.Count == 0 ? null : new Receipt
        {
            EventId = id,
            State = ReceiptStates.Rejected,
            Environment = caller.Environment,
            ReceivedAt = faults[0].ReceivedAt,
            RequestId = faults[0].Request,
            // Copies of a row, and of the event within its batch, say nothing new.
            Errors = [.. faults.Where(fault => fault.Request == faults[0].Request).Select(fault => fault.Error).Distinct()],
        };
    }

    private async Task<Receipt?> OneAsync(
        string sql, Caller caller, Guid id, Func<ClickHouseDataReader, Receipt> read, CancellationToken cancellationToken) =>
        (await warehouse.ReadAsync(sql, Parameters(caller, id), 1, read, cancellationToken)).SingleOrDefault();

    private static ClickHouseParameterCollection Parameters(Caller caller, Guid id) => QueryValues.Project(caller.ProjectId, caller.Environment).With("id", id);
}

using SegOps.Contracts;

namespace SegOps.Ingestor.Streaming;

/// <summary>Which table a subscription's rows go to.</summary>
/// <param name="Subscription">Short name of the subscription.</param>
/// <param name="Table">The table, in the connection string's database.</param>
/// <param name="Columns">The columns that rows may give; anything else in a row is skipped.</param>
internal sealed record StreamTarget(string Subscription, string Table, IReadOnlyList<string> Columns)
{
    /// <summary>Accepted events.</summary>
    public static readonly StreamTarget Events = new(Streams.EventsSubscription, "events",
    [
        EventColumns.ProjectId, EventColumns.Environment, EventColumns.EventId, EventColumns.EventType, EventColumns.UserId,
        EventColumns.OccurredAt, EventColumns.ReceivedAt, EventColumns.SentAt, EventColumns.RequestId, EventColumns.Payload,
    ]);

    /// <summary>What validation refused or warned of.</summary>
    public static readonly StreamTarget Rejections = new(Streams.RejectionsSubscription, "ingestion_errors",
    [
        IngestionErrorColumns.ProjectId, IngestionErrorColumns.Environment, IngestionErrorColumns.ErrorId, IngestionErrorColumns.RequestId,
        IngestionErrorColumns.ReceivedAt, IngestionErrorColumns.Severity, IngestionErrorColumns.Code, IngestionErrorColumns.Field,
        IngestionErrorColumns.Message, IngestionErrorColumns.EventIndex, IngestionErrorColumns.Occurrences, IngestionErrorColumns.Sample,
    ]);
}

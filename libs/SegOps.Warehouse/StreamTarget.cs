using SegOps.Contracts;

namespace SegOps.Warehouse;

/// <summary>The table of a subscription's rows.</summary>
/// <param name="Subscription">Short name of the subscription.</param>
/// <param name="Topic">Short name of the subscription's topic.</param>
/// <param name="Table">The table, in the connection string's database.</param>
/// <param name="IdColumn">The UUID column by which readers identify copies of a row.</param>
/// <param name="Columns">The columns of rows; other members are skipped.</param>
public sealed record StreamTarget(string Subscription, string Topic, string Table, string IdColumn, IReadOnlyList<string> Columns)
{
    /// <summary>Accepted events.</summary>
    public static readonly StreamTarget Events = new(Streams.EventsSubscription, Streams.EventsTopic, "events", EventColumns.EventId,
    [
        EventColumns.ProjectId, EventColumns.Environment, EventColumns.EventId, EventColumns.EventType, EventColumns.UserId,
        EventColumns.OccurredAt, EventColumns.ReceivedAt, EventColumns.SentAt, EventColumns.RequestId, EventColumns.Payload,
        EventColumns.Position,
    ]);

    /// <summary>Late events: the same rows in the same table, through a lane of their own.</summary>
    public static readonly StreamTarget LateEvents = Events with { Subscription = Streams.LateEventsSubscription, Topic = Streams.LateEventsTopic };

    /// <summary>Rejected events and warnings.</summary>
    public static readonly StreamTarget Rejections = new(Streams.RejectionsSubscription, Streams.RejectionsTopic, "ingestion_errors", IngestionErrorColumns.ErrorId,
    [
        IngestionErrorColumns.ProjectId, IngestionErrorColumns.Environment, IngestionErrorColumns.ErrorId, IngestionErrorColumns.RequestId,
        IngestionErrorColumns.ReceivedAt, IngestionErrorColumns.Severity, IngestionErrorColumns.Code, IngestionErrorColumns.Field,
        IngestionErrorColumns.Message, IngestionErrorColumns.EventIndex, IngestionErrorColumns.Occurrences, IngestionErrorColumns.Sample,
        IngestionErrorColumns.EventIds,
    ]);

    /// <summary>Ingestion's own counts.</summary>
    public static readonly StreamTarget Received = new(Streams.ReceivedSubscription, Streams.ReceivedTopic, "received", ReceivedColumns.ReportId,
        [ReceivedColumns.Minute, ReceivedColumns.ReportId, ReceivedColumns.Counts]);

    /// <summary>Whether each row belongs to a project and environment. A row of Ingestion's counts is of many.</summary>
    public bool IsOfProjects { get; } = Columns.Contains(EventColumns.ProjectId);
}

using System.Globalization;
using SegOps.Contracts;

namespace SegOps.Tests.Unit.Segments;

/// <summary>A row of <c>events</c>. Rows with the same id are copies of one event.</summary>
internal sealed record HistoryEvent(
    string UserId, string EventType, Guid EventId, DateTimeOffset OccurredAt, DateTimeOffset ReceivedAt, int Position = 0, string Payload = "{}")
{
    /// <summary>The row, for an INSERT in the format JSONEachRow.</summary>
    public Dictionary<string, object> Row(string project, string environment = Environments.Live) => new()
    {
        [EventColumns.ProjectId] = project,
        [EventColumns.Environment] = environment,
        [EventColumns.EventId] = EventId,
        [EventColumns.EventType] = EventType,
        [EventColumns.UserId] = UserId,
        [EventColumns.OccurredAt] = Text(OccurredAt),
        [EventColumns.ReceivedAt] = Text(ReceivedAt),
        [EventColumns.RequestId] = Guid.NewGuid(),
        [EventColumns.Position] = Position,
        [EventColumns.Payload] = Payload,
    };

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString(EventColumns.TimestampFormat, CultureInfo.InvariantCulture);
}

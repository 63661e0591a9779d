using SegOps.Contracts;
using SegOps.Ingestion.Parsing;
using static SegOps.Tests.Unit.Ingestion.Parse;

namespace SegOps.Tests.Unit.Ingestion;

public sealed class RowTests
{
    [Fact]
    public void Row_OfASingleEvent_IsThisText() => Assert.Equal(
        """{"project_id":"proj \"1\"","environment":"live","request_id":"0190163d-8694-739b-aea5-966c26f8ad91","received_at":"2025-06-15 12:30:45.123456","event_id":"11111111-2222-4333-8444-555555555555","user_id":"u","event_type":"t","occurred_at":"2025-01-31 13:45:00.000000","position":0,"payload":"{\"a\": \"é\"}"}""",
        Assert.Single(Single(
            """{"payload":{"a": "é"},"occurred_at":"2025-01-31T13:45Z","event_type":"t","event_id":"11111111-2222-4333-8444-555555555555","user_id":"u"}""").RowTexts));

    [Fact]
    public void Row_PropertiesInAnyOrder_HasTheSameOrder() => Assert.Equal(
        [
            EventColumns.ProjectId, EventColumns.Environment, EventColumns.RequestId, EventColumns.ReceivedAt, EventColumns.SentAt,
            EventColumns.EventId, EventColumns.UserId, EventColumns.EventType, EventColumns.OccurredAt, EventColumns.Position,
            EventColumns.Payload,
        ],
        Assert.Single(Batch("""{"events":[{"payload":{},"event_type":"t","user_id":"u"}],"sent_at":"2025-06-15"}""").Rows)
            .EnumerateObject().Select(property => property.Name));

    [Fact]
    public void Position_OfEachEvent_IsItsPlaceInTheRequest() => Assert.Equal(
        [0, 2], Events(Event(), Event(userId: "1"), Event()).Rows.Select(row => row.GetProperty(EventColumns.Position).GetInt32()));

    [Fact]
    public void Rows_OfABatch_AreOneObjectALine()
    {
        using var parsed = TrackParser.Parse(System.Text.Encoding.UTF8.GetBytes($$"""{"events":[{{Event()}},{{Event(more: "\"payload\":{\n}")}}]}"""), Metadata, isBatch: true).Request!;

        Assert.Equal(2, parsed.Rows.Count((byte)'\n'));
        Assert.True(parsed.Rows.EndsWith("}\n"u8));
    }

    [Fact]
    public void Timestamp_Format_IsTheContracts() => Assert.Equal(
        Metadata.ReceivedAt.UtcDateTime.ToString(EventColumns.TimestampFormat, System.Globalization.CultureInfo.InvariantCulture),
        Single(Event()).Text(EventColumns.OccurredAt));
}

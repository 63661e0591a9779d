using System.Buffers;
using System.Text;
using System.Text.Json;
using SegOps.Contracts;
using SegOps.Ingestion.Parsing;
using SegOps.Ingestion.Publishing;
using SegOps.Ingestion.Requests;
using static SegOps.Tests.Unit.Ingestion.Parse;

namespace SegOps.Tests.Unit.Ingestion;

/// <summary>By which ids refused events are found again.</summary>
public sealed class RefusedIdTests
{
    private const string Id = "0190163d-8694-739b-aea5-966c26f8ad91";
    private const string Other = "0190163d-8694-739b-aea5-966c26f8ad92";
    private const string WithId = $"\"event_id\":\"{Id}\"";

    [Fact]
    public void Rejection_EventRefusedForAnotherField_HasItsId() => Assert.Equal([Id], IdsOfRows(Event(userId: "1", more: WithId)));

    [Fact]
    public void Rejection_EventWithSeveralFaults_HasItsIdWithEach() => Assert.Equal([Id, Id], IdsOfRows(Event(userId: "1", eventType: "\"\"", more: WithId)));

    [Theory]
    [InlineData("\"event_id\":\"0190163d\"")]
    [InlineData("\"event_id\":\"00000000-0000-0000-0000-000000000000\"")]
    [InlineData("\"event_id\":7")]
    public void Rejection_InvalidId_HasNone(string id) => Assert.Equal([""], IdsOfRows(Event(more: id)));

    [Fact]
    public void Rejection_NoId_HasNone() => Assert.Equal([""], IdsOfRows(Event(userId: "1")));

    [Fact]
    public void Rejection_NoObject_HasNone() => Assert.Equal([""], IdsOfRows("17"));

    [Fact]
    public void Rejection_SeveralEvents_HaveTheirOwn() => Assert.Equal(
        [Id, "", Other],
        IdsOfRows(Event(userId: "1", more: WithId), Event(userId: "1"), Event(), Event(userId: "1", more: $"\"event_id\":\"{Other}\"")));

    [Fact]
    public void Rejection_OverTheQuota_HasTheIdsOfTheEventsThatDidNotFit() => Assert.Equal(
        [$"{Id},{Other}"],
        IdsOfRows(
            $$"""{"events":[{{Event(more: WithId)}},{{Event(more: $"\"event_id\":\"{Other}\"")}}]}""",
            new RequestError(ErrorCodes.QuotaExceeded, "It did not fit.")));

    [Fact]
    public void Rejection_OfAWarning_HasNone() => Assert.Equal([""], IdsOfRows(Event(more: WithId + ",\"colour\":1")));

    private static string[] IdsOfRows(params string[] events) => IdsOfRows($$"""{"events":[{{string.Join(',', events)}}]}""", error: null);

    /// <summary>Column event_ids of each row for the list of errors.</summary>
    private static string[] IdsOfRows(string batch, RequestError? error)
    {
        using var parsed = TrackParser.Parse(Encoding.UTF8.GetBytes(batch), Metadata, isBatch: true).Request!;
        var lines = new ArrayBufferWriter<byte>();
        (error is null ? Rejection.Of(parsed)! : Rejection.Of(parsed, error)).WriteRows(lines);
        return [.. Encoding.UTF8.GetString(lines.WrittenSpan).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(row => string.Join(
            ',', JsonElement.Parse(row).GetProperty(IngestionErrorColumns.EventIds).EnumerateArray().Select(id => id.GetString())))];
    }
}

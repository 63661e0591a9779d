using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using SegOps.Contracts;
using static SegOps.Tests.Unit.Ingestion.Parse;

namespace SegOps.Tests.Unit.Ingestion;

public sealed class ParserPropertyTests
{
    private static readonly Gen<string> InvalidEvent = Gen.OneOf(
        Generate.Json.Where(json => JsonNode.Parse(json) is not JsonObject),
        Generate.Object.Where(json => !json.Contains("user_id", StringComparison.Ordinal)),
        SentEvent.Valid.Select(valid => valid.Json.Replace("\"user_id\":", "\"user_id\":5,\"x\":", StringComparison.Ordinal)),
        Gen.Const(Event(more: "\"payload\":[]")),
        Gen.Const(Event(more: "\"payload\":{\"a\":[[[[[[[[[[]]]]]]]]]]}")),
        Gen.Const(Event(eventType: "\"\\ud800\"")));

    [Fact]
    public void Parse_ArbitraryBytes_NeverThrowsNorWritesAnInvalidRow() =>
        Gen.Select(Gen.Byte.Array[0, 200], Gen.Bool).Sample((bytes, isBatch) => AssertSound(Body(bytes, isBatch)), iter: 20_000);

    [Fact]
    public void Parse_ArbitraryJson_NeverThrowsNorWritesAnInvalidRow() =>
        Gen.Select(Generate.Json, Gen.Bool).Sample((json, isBatch) => AssertSound(Body(Encoding.UTF8.GetBytes(json), isBatch)), iter: 10_000);

    [Fact]
    public void Parse_ArbitraryEventLikeJson_NeverThrowsNorWritesAnInvalidRow() =>
        Gen.OneOf(Generate.EventLike, Generate.Json).Array[0, 5].Sample(events => AssertSound(Events(events)), iter: 10_000);

    [Fact]
    public void Parse_ValidBodyWithOneByteChanged_NeverThrowsNorWritesAnInvalidRow() =>
        Gen.Select(SentEvent.Valid, Gen.Int[0, int.MaxValue], Gen.Byte).Sample((sent, at, value) =>
        {
            var body = Encoding.UTF8.GetBytes($$"""{"events":[{{sent.Json}}]}""");
            body[at % body.Length] = value;
            AssertSound(Body(body, isBatch: true));
        }, iter: 10_000);

    [Fact]
    public void Parse_ValidBodyCutShort_IsMalformed() => Gen.Select(SentEvent.Valid, Gen.Int[0, int.MaxValue]).Sample((sent, at) =>
    {
        var body = Encoding.UTF8.GetBytes($$"""{"events":[{{sent.Json}}]}""");
        Assert.Equal(ErrorCodes.MalformedJson, Body(body.AsSpan(0, at % body.Length), isBatch: true).Error?.Code);
    }, iter: 2_000);

    [Fact]
    public void Parse_ValidEvents_RowsEqualWhatWasSent() => SentEvent.Valid.Array[1, 5].Sample(sent =>
    {
        var outcome = Events([.. sent.Select(one => one.Json)]);

        Assert.Null(outcome.Error);
        Assert.Empty(outcome.Errors);
        Assert.Equal(sent.Select(one => one.Stored), outcome.Rows.Select(StoredEvent.Read));
    }, iter: 5_000);

    [Fact]
    public void Parse_OneValidEventAmongInvalidOnes_IsStoredAndTheOthersAreNamedByIndex() =>
        Gen.Select(InvalidEvent.Array[0, 6], SentEvent.Valid, Gen.Int[0, 6]).Sample((invalid, sent, place) =>
        {
            place = Math.Min(place, invalid.Length);
            var outcome = Events([.. invalid[..place], sent.Json, .. invalid[place..]]);

            Assert.Equal((1, invalid.Length), (outcome.Accepted, outcome.Rejected));
            Assert.Equal(sent.Stored, StoredEvent.Read(Assert.Single(outcome.Rows)));
            Assert.Equal(Enumerable.Range(0, invalid.Length + 1).Where(index => index != place), outcome.Errors.Select(fault => fault.Index).Distinct());
        }, iter: 5_000);

    private static void AssertSound(Outcome outcome)
    {
        if (outcome.Error is not null)
            return;

        Assert.Equal(outcome.Accepted, outcome.Rows.Count);
        Assert.Equal(outcome.Accepted, outcome.EventIds.Count);
        Assert.Equal(outcome.Rejected, outcome.Errors.Select(fault => fault.Index).Distinct().Count());
        Assert.All(outcome.Rows, row =>
        {
            Assert.InRange(row.GetProperty(EventColumns.UserId).GetString()!.EnumerateRunes().Count(), 1, EventLimits.MaxUserIdLength);
            Assert.InRange(row.GetProperty(EventColumns.EventType).GetString()!.EnumerateRunes().Count(), 1, EventLimits.MaxEventTypeLength);
            Assert.Equal(JsonValueKind.Object, JsonElement.Parse(row.GetProperty(EventColumns.Payload).GetString()!).ValueKind);
        });
    }
}

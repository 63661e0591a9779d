using SegOps.Contracts;
using SegOps.Ingestion.Parsing;
using SegOps.Ingestion.Requests;
using static SegOps.Tests.Unit.Ingestion.Parse;

namespace SegOps.Tests.Unit.Ingestion;

public sealed class WarningTests
{
    [Fact]
    public void UnknownField_InAnEvent_IsWarnedOfAndNotStored()
    {
        var outcome = Events(Event(), Event(more: "\"colour\":{\"a\":[1]}"));

        Assert.Equal([new EventWarning(1, "colour", WarningCodes.UnknownField, outcome.Warnings[0].Message)], outcome.Warnings);
        Assert.All(outcome.RowTexts, row => Assert.DoesNotContain("colour", row, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("occurredAt", "occurred_at")]
    [InlineData("eventId", "event_id")]
    [InlineData("userId", "user_id")]
    public void UnknownField_CamelCaseTwin_SaysWhatWasMeant(string twin, string meant) =>
        Assert.Contains($"{meant} is the field's name; you sent {twin}", Assert.Single(Single(Event(more: $"\"{twin}\":\"x\"")).Warnings).Message, StringComparison.Ordinal);

    [Fact]
    public void UnknownField_TwiceInOneEvent_IsOneWarning() => Assert.Single(Single(Event(more: "\"a\":1,\"a\":2")).Warnings);

    [Fact]
    public void UnknownField_NestedAHundredDeep_IsOnlyAWarning() =>
        Assert.Equal(1, Single(Event(more: "\"a\":" + new string('[', 100) + new string(']', 100))).Accepted);

    [Theory]
    [InlineData(EventLimits.MaxTraits, "\"context_identified\"", false)]
    [InlineData(EventLimits.MaxTraits + 1, "\"context_identified\"", true)]
    [InlineData(EventLimits.MaxTraits + 1, "\"context\\u005fidentified\"", true)]
    [InlineData(EventLimits.MaxTraits + 1, "\"page_viewed\"", false)]
    public void Traits_MoreThanTheLimit_AreWarnedOf(int traits, string eventType, bool warned)
    {
        var payload = $"{{{string.Join(',', Enumerable.Range(0, traits).Select(i => $"\"t{i}\":{{\"a\":1,\"b\":2}}"))}}}";
        (string, string)[] expected = warned ? [(EventColumns.Payload, WarningCodes.TooManyTraits)] : [];

        Assert.Equal(expected, Single(Event(more: $"\"payload\":{payload}", eventType: eventType)).WarningCodes);
        Assert.Equal(expected, Single($$"""{"payload":{{payload}},"event_type":{{eventType}},"user_id":"u"}""").WarningCodes);
    }

    [Fact]
    public void Traits_OfAnEventWithoutPayload_AreNotThoseOfTheOneBefore() => Assert.Single(Events(
        Event(eventType: "\"context_identified\"", more: $"\"payload\":{{{string.Join(',', Enumerable.Range(0, 201).Select(i => $"\"t{i}\":1"))}}}"),
        Event(eventType: "\"context_identified\"")).Warnings);

    [Fact]
    public void UnknownField_LongPersonalName_IsShownShortAndPlain()
    {
        var outcome = Single(Event(more: $"\"jo@example.com é{new string('x', 1000)}\":1"));

        Assert.Equal("jo_example.com___" + new string('x', 128 - 17), Assert.Single(outcome.Warnings).Field);
    }

    [Fact]
    public void UnknownField_UnpairedSurrogateInItsName_IsOnlyAWarning() =>
        Assert.Equal("_ud83dxxxxxxxxxxxx", Assert.Single(Single(Event(more: "\"\\ud83dxxxxxxxxxxxx\":1")).Warnings).Field);

    [Fact]
    public void UnknownField_AtTheBatchRoot_IsWarnedOfForTheRequest() => Assert.Equal(
        [(ValidationError.OfRequest, "sentAt"), (ValidationError.OfRequest, "foo")],
        Batch($$"""{"sentAt":"x","events":[{{Event()}}],"foo":1}""").Warnings.Select(warning => (warning.Index, warning.Field)));

    [Fact]
    public void Warnings_OfARefusedEvent_AreLeftOut()
    {
        var outcome = Events(Event(userId: "1", eventType: "\"Not Snake\"", more: "\"x\":1"), Event());

        Assert.Empty(outcome.Warnings);
        Assert.Empty(outcome.Totals);
    }

    [Fact]
    public void Warnings_OfManyEvents_AreCappedButCounted()
    {
        var outcome = Events([.. Enumerable.Repeat(Event(eventType: "\"Bad Type\"", more: "\"x\":1"), 500)]);

        Assert.Equal(WarningCollector.MaxListed, outcome.Warnings.Count);
        Assert.Equal([("x", 500), ("event_type", 500)], outcome.Totals.Select(total => (total.Field, total.Occurrences)));
    }

    [Fact]
    public void Warnings_ManyFieldsInOneEvent_AreCapped()
    {
        var outcome = Single(Event(more: string.Join(',', Enumerable.Range(0, 1000).Select(i => $"\"f{i}\":1"))));

        Assert.Equal(WarningCollector.MaxPerEvent, outcome.Warnings.Count);
        Assert.Equal(1, outcome.Accepted);
    }
}

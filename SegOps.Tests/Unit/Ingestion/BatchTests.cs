using SegOps.Contracts;
using static SegOps.Tests.Unit.Ingestion.Parse;

namespace SegOps.Tests.Unit.Ingestion;

public sealed class BatchTests
{
    [Fact]
    public void Batch_GoodAndBadEvents_StoresTheGoodAndReportsTheBadByIndex()
    {
        var outcome = Events(Event(userId: "\"a\""), Event(userId: "\"\""), "7", Event(userId: "\"b\""));

        Assert.Equal((2, 2), (outcome.Accepted, outcome.Rejected));
        Assert.Equal(["a", "b"], outcome.Rows.Select(row => row.GetProperty(EventColumns.UserId).GetString()));
        Assert.Equal([1, 2], outcome.Errors.Select(fault => fault.Index));
    }

    [Fact]
    public void Batch_NoEvent_IsEmpty() => Assert.Equal(ErrorCodes.BatchEmpty, Batch("""{"events":[]}""").Error?.Code);

    [Fact]
    public void Batch_Of500Events_IsAccepted() => Assert.Equal(500, Events([.. Enumerable.Repeat(Event(), 500)]).Accepted);

    [Fact]
    public void Batch_Of501Events_IsTooLarge() =>
        Assert.Equal(ErrorCodes.BatchTooLarge, Events([.. Enumerable.Repeat(Event(), 501)]).Error?.Code);

    [Fact]
    public void Batch_Over500Events_IsNotReadFurther() =>
        Assert.Equal(ErrorCodes.BatchTooLarge, Events([.. Enumerable.Repeat(Event(), 501), "this is not JSON"]).Error?.Code);

    [Theory]
    [InlineData("""{}""", "events is required")]
    [InlineData("""{"events":null}""", "events is required")]
    [InlineData("""{"user_id":"u","event_type":"t"}""", "/api/ingestion/track/")]
    [InlineData("""{"events":{}}""", "events must be an array, but an object was sent")]
    [InlineData("""{"events":"x"}""", "events must be an array, but a string was sent")]
    [InlineData("""{"events":[],"events":[]}""", "events stands more than once")]
    [InlineData("""{"events":[],"sent_at":null,"sent_at":null}""", "sent_at stands more than once")]
    [InlineData("""[]""", "an array was sent")]
    [InlineData("""null""", "null was sent")]
    [InlineData("""1""", "a number was sent")]
    public void Batch_OfAnotherShape_IsMalformedAndSaysHow(string body, string detail)
    {
        var error = Batch(body).Error;

        Assert.Equal(ErrorCodes.MalformedJson, error?.Code);
        Assert.Contains(detail, error?.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void SentAt_BeforeTheEvents_IsInEveryRow() => Assert.Equal(
        ["2025-06-15 12:30:00.500000", "2025-06-15 12:30:00.500000"],
        SentAts(Batch($$"""{"sent_at":"2025-06-15T14:30:00.5+02:00","events":[{{Event()}},{{Event()}}]}""")));

    [Fact]
    public void SentAt_AfterTheEvents_IsInEveryRow() => Assert.Equal(
        ["2025-06-15 12:30:00.500000", "2025-06-15 12:30:00.500000"],
        SentAts(Batch($$"""{"events":[{{Event()}},1,{{Event()}}],"sent_at":"2025-06-15T12:30:00.5Z"}""")));

    [Theory]
    [InlineData("")]
    [InlineData(""","sent_at":null""")]
    public void SentAt_AbsentOrNull_IsInNoRow(string more) =>
        Assert.DoesNotContain(EventColumns.SentAt, Assert.Single(Batch($$"""{"events":[{{Event()}}]{{more}}}""").RowTexts), StringComparison.Ordinal);

    [Fact]
    public void EventId_TwiceInABatch_IsAcceptedTwice()
    {
        var same = Event(more: "\"event_id\":\"0190163d-8694-739b-aea5-966c26f8ad91\"");

        Assert.Equal(2, Events(same, same).Accepted);
    }

    private static IEnumerable<string?> SentAts(Outcome outcome) => outcome.Rows.Select(row => row.GetProperty(EventColumns.SentAt).GetString());
}

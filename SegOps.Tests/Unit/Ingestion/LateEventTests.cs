namespace SegOps.Tests.Unit.Ingestion;

/// <summary>Which requests take the lane of late events. They are received on 2025-06-15.</summary>
public sealed class LateEventTests
{
    [Theory]
    [InlineData("2025-06-15T12:30:45Z")]
    [InlineData("2025-06-16T12:00:00Z")]
    [InlineData("2025-06-01T00:00:00Z")]
    [InlineData("2025-05-01T00:00:00Z")]
    public void Parse_OccurredInTheMonthOfItsReceiptOrTheOneBefore_IsFresh(string occurredAt) => Assert.False(Single(occurredAt).HasLateEvents);

    [Theory]
    [InlineData("2025-04-30T23:59:59.999999Z")]
    [InlineData("2024-06-15T12:30:45Z")]
    [InlineData("2000-01-01T00:00:00Z")]
    public void Parse_OccurredBeforeThePreviousMonth_IsLate(string occurredAt) => Assert.True(Single(occurredAt).HasLateEvents);

    [Fact]
    public void Parse_WithoutOccurredAt_IsFresh() => Assert.False(Parse.Single(Parse.Event()).HasLateEvents);

    [Fact]
    public void Parse_OneLateEventAmongOthers_IsLate() => Assert.True(Parse.Events(Parse.Event(), Event("2024-01-01T00:00:00Z"), Parse.Event()).HasLateEvents);

    [Fact]
    public void Parse_LateEventIsRefused_IsFresh() =>
        Assert.False(Parse.Events(Parse.Event(), Parse.Event(userId: null, more: "\"occurred_at\":\"2024-01-01T00:00:00Z\"")).HasLateEvents);

    /// <summary>The clock of the client is a year behind. sent_at follows the events, so that they are read twice.</summary>
    [Fact]
    public void Parse_ClockOfTheClientIsBehind_IsJudgedByTheCorrectedTime() =>
        Assert.False(Parse.Batch($$"""{"events":[{{Event("2024-06-15T12:00:00Z")}}],"sent_at":"2024-06-15T12:30:00Z"}""").HasLateEvents);

    private static Outcome Single(string occurredAt) => Parse.Single(Event(occurredAt));

    private static string Event(string occurredAt) => Parse.Event(more: $"\"occurred_at\":\"{occurredAt}\"");
}

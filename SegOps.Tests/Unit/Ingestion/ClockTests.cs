using SegOps.Contracts;
using SegOps.Ingestion.Requests;
using static SegOps.Tests.Unit.Ingestion.Parse;

namespace SegOps.Tests.Unit.Ingestion;

/// <summary>Requests are received at 2025-06-15T12:30:45.123456Z.</summary>
public sealed class ClockTests
{
    private const string At = "\"occurred_at\":";

    [Theory]
    [InlineData("2025-06-17T12:30:45.123456Z", "2025-06-17T12:00:00Z", "2025-06-15 12:00:00.000000")] // two days ahead
    [InlineData("1970-01-01T00:10:00Z", "1970-01-01T00:05:00Z", "2025-06-15 12:25:45.123456")]
    [InlineData("1969-12-31T16:10:00Z", "1969-12-31T16:05:00Z", "2025-06-15 12:25:45.123456")] // 1970 in a zone of its own
    [InlineData("2025-06-15T11:30:45Z", "2025-06-14T11:30:45Z", "2025-06-14 12:30:45.123456")]
    [InlineData("2199-12-31T23:59:59Z", "2199-12-31T23:59:58.5Z", "2025-06-15 12:30:44.623456")]
    public void OccurredAt_OfAWrongClock_IsShiftedByTheDifference(string sentAt, string occurredAt, string stored)
    {
        string[] bodies =
        [
            $$"""{"sent_at":"{{sentAt}}","events":[{{Event(more: $"{At}\"{occurredAt}\"")}}]}""",
            $$"""{"events":[{{Event(more: $"{At}\"{occurredAt}\"")}}],"sent_at":"{{sentAt}}"}""",
        ];
        string[] events =
        [
            Event(more: $"{At}\"{occurredAt}\",\"sent_at\":\"{sentAt}\""),
            Event(more: $"\"sent_at\":\"{sentAt}\",{At}\"{occurredAt}\""),
        ];

        Assert.All([.. bodies.Select(Batch), .. events.Select(Single)], outcome =>
        {
            Assert.Equal(stored, outcome.Text(EventColumns.OccurredAt));
            Assert.Equal([(0, "occurred_at", WarningCodes.ClockShifted)], outcome.Warnings.Select(warning => (warning.Index, warning.Field, warning.Code)));
        });
    }

    [Theory]
    [InlineData("2025-06-15T12:31:45.123456Z")]
    [InlineData("2025-06-15T12:29:45.123456Z")]
    [InlineData("2025-06-15T12:30:45.123456Z")]
    public void OccurredAt_OfAClockWithin60Seconds_IsStoredAsSent(string sentAt)
    {
        var outcome = Single(Event(more: $"{At}\"2025-06-15T12:00:00Z\",\"sent_at\":\"{sentAt}\""));

        Assert.Equal("2025-06-15 12:00:00.000000", outcome.Text(EventColumns.OccurredAt));
        Assert.Empty(outcome.Warnings);
    }

    [Theory]
    [InlineData("2025-06-15T12:31:45.123457Z", "2025-06-15 11:58:59.999999")]
    [InlineData("2025-06-15T12:29:45.123455Z", "2025-06-15 12:01:00.000001")]
    public void OccurredAt_OfAClockJustBeyond60Seconds_IsShifted(string sentAt, string stored) => Assert.Equal(
        stored, Single(Event(more: $"{At}\"2025-06-15T12:00:00Z\",\"sent_at\":\"{sentAt}\"")).Text(EventColumns.OccurredAt));

    [Fact]
    public void OccurredAt_Shifted_CanBeCalculatedBack()
    {
        var row = Assert.Single(Single(Event(more: $"{At}\"2031-02-03T04:05:06.789012Z\",\"sent_at\":\"2031-02-03T04:05:07.000001Z\"")).Rows);

        Assert.Equal(Time("2031-02-03 04:05:06.789012"), Of(EventColumns.OccurredAt) - (Of(EventColumns.ReceivedAt) - Of(EventColumns.SentAt)));

        DateTime Of(string column) => Time(row.GetProperty(column).GetString()!);
        DateTime Time(string text) => DateTime.ParseExact(text, EventColumns.TimestampFormat, System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public void OccurredAt_AbsentWithAWrongClock_IsTheTimeOfReceipt()
    {
        var outcome = Single(Event(more: "\"sent_at\":\"1970-01-01T00:00:00Z\""));

        Assert.Equal("2025-06-15 12:30:45.123456", outcome.Text(EventColumns.OccurredAt));
        Assert.Empty(outcome.Warnings);
    }

    [Theory]
    [InlineData("2025-06-17T12:30:45.123456Z", "2025-06-18T12:30:45.123457Z", EventErrorCodes.TimestampInFuture)]
    [InlineData("2025-06-17T12:30:45.123456Z", "2000-01-02T23:59:59.999999Z", EventErrorCodes.TimestampTooOld)]
    public void OccurredAt_OutOfRangeAfterItsShift_IsRefused(string sentAt, string occurredAt, string code)
    {
        var one = Event(more: $"{At}\"{occurredAt}\"");

        Assert.Equal(("occurred_at", code), Batch($$"""{"events":[{{one}}],"sent_at":"{{sentAt}}"}""").OnlyError);
    }

    [Fact]
    public void SentAt_AfterTheEventsThatItShifts_JudgesEachOfThemOnce()
    {
        var outcome = Batch($$"""
            {"events":[{{Event(more: $"{At}\"2025-06-17T12:00:00Z\"")}},{{Event(userId: "1")}},{{Event(more: "\"x\":1")}},{{Event(more: $"{At}\"2025-06-19T12:00:00Z\"")}}],"y":1,"sent_at":"2025-06-17T12:30:45Z"}
            """);

        Assert.Equal((2, 2), (outcome.Accepted, outcome.Rejected));
        Assert.Equal([(1, EventErrorCodes.WrongType), (3, EventErrorCodes.TimestampInFuture)], outcome.Errors.Select(error => (error.Index, error.Code)));
        Assert.Equal(
            [(0, WarningCodes.ClockShifted), (2, WarningCodes.UnknownField), (ValidationError.OfRequest, WarningCodes.UnknownField)],
            outcome.Warnings.Select(warning => (warning.Index, warning.Code)));
        Assert.Equal(["2025-06-17 12:30:45.000000", "2025-06-17 12:30:45.000000"], outcome.Rows.Select(row => row.GetProperty(EventColumns.SentAt).GetString()));
    }

    [Theory]
    [InlineData("\"2569-06-15T12:30:45Z\"")] // the Buddhist calendar
    [InlineData("\"0007-06-15T12:30:45Z\"")] // the Japanese calendar
    [InlineData("\"1447-06-15T12:30:45Z\"")] // the Islamic calendar
    [InlineData("\"2200-01-01T00:00:00Z\"")]
    [InlineData("\"1969-12-30T23:59:59Z\"")]
    [InlineData("\"soon\"")]
    [InlineData("\"\"")]
    [InlineData("\"\\ud83d\"")]
    [InlineData("1718454645")]
    [InlineData("{\"a\":[1]}")]
    [InlineData("true")]
    public void SentAt_Impossible_IsIgnoredWithAWarning(string sentAt)
    {
        var one = Event(more: $"{At}\"2025-06-15T12:00:00Z\"");
        var before = Batch($$"""{"sent_at":{{sentAt}},"events":[{{one}}]}""");
        var after = Batch($$"""{"events":[{{one}}],"sent_at":{{sentAt}}}""");
        var single = Single(Event(more: $"{At}\"2025-06-15T12:00:00Z\",\"sent_at\":{sentAt}"));

        Assert.All([before, after, single], outcome =>
        {
            Assert.Equal("2025-06-15 12:00:00.000000", outcome.Text(EventColumns.OccurredAt));
            Assert.DoesNotContain(EventColumns.SentAt, outcome.RowTexts[0], StringComparison.Ordinal);
            Assert.Equal([("sent_at", WarningCodes.SentAtIgnored)], outcome.WarningCodes);
        });
        Assert.Equal([ValidationError.OfRequest, ValidationError.OfRequest, 0], new[] { before, after, single }.Select(outcome => outcome.Warnings[0].Index));
    }

    [Fact]
    public void SentAt_Ignored_LeavesOccurredAtToBeJudgedAsSent() => Assert.Equal(
        ("occurred_at", EventErrorCodes.TimestampInFuture),
        Batch($$"""{"sent_at":"2569-06-15T12:30:45Z","events":[{{Event(more: $"{At}\"2569-06-15T12:00:00Z\"")}}]}""").OnlyError);

    [Fact]
    public void SentAt_OfASingleEvent_IsInItsRow()
    {
        var outcome = Single(Event(more: "\"sent_at\":\"2025-06-15T12:30:00.5Z\""));

        Assert.Equal("2025-06-15 12:30:00.500000", outcome.Text(EventColumns.SentAt));
        Assert.Empty(outcome.Warnings);
    }

    [Fact]
    public void SentAt_TwiceInASingleEvent_IsADuplicate() => Assert.Equal(
        ("sent_at", EventErrorCodes.DuplicateField), Single(Event(more: "\"sent_at\":null,\"sent_at\":null")).OnlyError);

    [Fact]
    public void SentAt_InAnEventOfABatch_IsUnknownAndSaysWhereItBelongs()
    {
        var warning = Assert.Single(Events(Event(more: "\"sent_at\":\"2025-06-15T12:30:00Z\"")).Warnings);

        Assert.Equal(("sent_at", WarningCodes.UnknownField), (warning.Field, warning.Code));
        Assert.StartsWith("sent_at belongs next to events", warning.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SentAt_OfARequestWhoseBodyTookLong_IsComparedWithTheTimeOfItsHeaders()
    {
        var metadata = Metadata with { ArrivedAt = Metadata.ReceivedAt - TimeSpan.FromMinutes(3) };
        var body = Event(more: $"{At}\"2025-06-15T12:00:00Z\",\"sent_at\":\"2025-06-15T12:27:45Z\"");

        using var parsed = SegOps.Ingestion.Parsing.TrackParser.Parse(System.Text.Encoding.UTF8.GetBytes(body), metadata, isBatch: false).Request!;

        Assert.Empty(parsed.Warnings);
    }
}

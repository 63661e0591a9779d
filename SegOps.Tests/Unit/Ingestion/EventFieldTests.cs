using SegOps.Contracts;
using static SegOps.Tests.Unit.Ingestion.Parse;

namespace SegOps.Tests.Unit.Ingestion;

public sealed class EventFieldTests
{
    private const string Astral = "😀";

    [Fact]
    public void UserId_Absent_IsRequired() => Assert.Equal(("user_id", EventErrorCodes.Required), Single(Event(userId: null)).OnlyError);

    [Fact]
    public void UserId_Null_IsRequired() => Assert.Equal(("user_id", EventErrorCodes.Required), Single(Event(userId: "null")).OnlyError);

    [Fact]
    public void UserId_AbsentWithCamelCaseTwin_SaysWhatWasMeant()
    {
        var outcome = Single(Event(userId: null, more: "\"userId\":\"u\""));

        Assert.Equal(("user_id", EventErrorCodes.Required), outcome.OnlyError);
        Assert.Contains("user_id is required; you sent userId.", outcome.Errors[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EventType_AbsentWithCamelCaseTwin_SaysWhatWasMeant() => Assert.Contains(
        "event_type is required; you sent eventType.",
        Single(Event(eventType: null, more: "\"eventType\":\"t\"")).Errors[0].Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("1", "a number")]
    [InlineData("true", "a boolean")]
    [InlineData("{\"a\":[1]}", "an object")]
    [InlineData("[[\"x\"]]", "an array")]
    public void UserId_OfAnotherType_IsWrongTypeAndSaysWhich(string value, string named)
    {
        var outcome = Single(Event(userId: value));

        Assert.Equal(("user_id", EventErrorCodes.WrongType), outcome.OnlyError);
        Assert.Contains(named, outcome.Errors[0].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("event_type", EventErrorCodes.WrongType)]
    [InlineData("occurred_at", EventErrorCodes.WrongType)]
    [InlineData("event_id", EventErrorCodes.WrongType)]
    public void TextField_Number_IsWrongType(string field, string code)
    {
        var outcome = field == "event_type" ? Single(Event(eventType: "1")) : Single(Event(more: $"\"{field}\":1718454645"));

        Assert.Equal((field, code), outcome.OnlyError);
    }

    [Theory]
    [InlineData("\"\"", "\"t\"", "user_id")]
    [InlineData("\"u\"", "\"\"", "event_type")]
    public void Text_Empty_IsRefused(string userId, string eventType, string field) =>
        Assert.Equal((field, EventErrorCodes.Empty), Single(Event(userId, eventType)).OnlyError);

    [Theory]
    [InlineData("a")]
    [InlineData("é")]
    [InlineData(Astral)]
    [InlineData("\\u0061")]
    [InlineData("\\ud83d\\ude00")]
    [InlineData("\\\\")]
    public void UserId_Of256Characters_IsAccepted(string character) => Assert.Equal(1, Single(Event(userId: Text(character, 256))).Accepted);

    [Theory]
    [InlineData("a")]
    [InlineData("é")]
    [InlineData(Astral)]
    [InlineData("\\u0061")]
    [InlineData("\\ud83d\\ude00")]
    [InlineData("\\n")]
    public void UserId_Of257Characters_IsTooLong(string character) =>
        Assert.Equal(("user_id", EventErrorCodes.TooLong), Single(Event(userId: Text(character, 257))).OnlyError);

    [Fact]
    public void UserId_OfAMegabyte_IsTooLong() =>
        Assert.Equal(("user_id", EventErrorCodes.TooLong), Single(Event(userId: Text("\\u0061", 200_000))).OnlyError);

    [Theory]
    [InlineData(128, true)]
    [InlineData(129, false)]
    public void EventType_LengthAtItsLimit_IsJudged(int length, bool accepted) =>
        Assert.Equal(accepted ? [] : [("event_type", EventErrorCodes.TooLong)], Single(Event(eventType: Text("a", length))).CodesOfErrors);

    [Theory]
    [InlineData("\\ud83d")]
    [InlineData("\\ude00")]
    [InlineData("\\ude00\\ud83d")]
    [InlineData("x\\ud83d\\n")]
    [InlineData("\\\\\\ud83d")]
    [InlineData("\\ud83d\\ud83d\\ude00")]
    public void Text_UnpairedSurrogate_IsInvalidCharacters(string text)
    {
        Assert.Equal(("user_id", EventErrorCodes.InvalidCharacters), Single(Event(userId: $"\"{text}\"")).OnlyError);
        Assert.Equal(("event_type", EventErrorCodes.InvalidCharacters), Single(Event(eventType: $"\"{text}\"")).OnlyError);
    }

    [Fact]
    public void UserId_EscapedBackslashBeforeSurrogateText_IsPlainText() =>
        Assert.Equal("\\ud83d", Single(Event(userId: "\"\\\\ud83d\"")).Text(EventColumns.UserId));

    [Theory]
    [InlineData("\\n")]
    [InlineData("\\u0000")]
    [InlineData("\\u001f")]
    [InlineData("\u007f")]
    [InlineData("\u0080")]
    [InlineData("\\u009f")]
    public void EventType_ControlCharacter_IsInvalidCharacters(string control) =>
        Assert.Equal(("event_type", EventErrorCodes.InvalidCharacters), Single(Event(eventType: $"\"a{control}b\"")).OnlyError);

    [Theory]
    [InlineData("\u00a0")]
    [InlineData("é")]
    [InlineData("Ā")]
    public void EventType_BesideTheControlCharacters_IsAccepted(string character) =>
        Assert.Equal(1, Single(Event(eventType: $"\"{character}\"")).Accepted);

    [Fact]
    public void UserId_ControlCharacter_IsStoredAsItIs() =>
        Assert.Equal("a\n\u0001b", Single(Event(userId: "\"a\\n\\u0001b\"")).Text(EventColumns.UserId));

    [Theory]
    [InlineData("order_placed", true)]
    [InlineData("a", true)]
    [InlineData("step2_done", true)]
    [InlineData("orderPlaced", false)]
    [InlineData("Order", false)]
    [InlineData("order placed", false)]
    [InlineData("order-placed", false)]
    [InlineData("_order", false)]
    [InlineData("order_", false)]
    [InlineData("order__placed", false)]
    [InlineData("2fast", false)]
    [InlineData("größe", false)]
    public void EventType_Form_IsAcceptedAndWarnedOfUnlessSnakeCase(string eventType, bool isSnakeCase)
    {
        var outcome = Single(Event(eventType: $"\"{eventType}\""));

        Assert.Equal(1, outcome.Accepted);
        Assert.Equal(isSnakeCase ? [] : [("event_type", WarningCodes.EventTypeNotSnakeCase)], outcome.WarningCodes);
    }

    [Theory]
    [InlineData("0190163d-8694-739b-aea5-966c26f8ad91")]
    [InlineData("0190163D-8694-739B-AEA5-966C26F8AD91")]
    [InlineData("\\u0030190163d-8694-739b-aea5-966c26f8ad91")]
    public void EventId_Uuid_IsStoredInLowerCase(string eventId) => Assert.Equal(
        "0190163d-8694-739b-aea5-966c26f8ad91", Single(Event(more: $"\"event_id\":\"{eventId}\"")).Text(EventColumns.EventId));

    [Theory]
    [InlineData("")]
    [InlineData("0190163d8694739baea5966c26f8ad91")]
    [InlineData("{0190163d-8694-739b-aea5-966c26f8ad91}")]
    [InlineData("0190163d-8694-739b-aea5-966c26f8ad9")]
    [InlineData("0190163d-8694-739b-aea5-966c26f8ad911")]
    [InlineData("0x90163d-8694-739b-aea5-966c26f8ad91")]
    [InlineData("+190163d-8694-739b-aea5-966c26f8ad91")]
    [InlineData("0190163d-8694-739b-aea5-966c26f8ad9g")]
    [InlineData("00000000-0000-0000-0000-000000000000")]
    [InlineData("\\ud83d")]
    public void EventId_NotAUuid_IsInvalid(string eventId) =>
        Assert.Equal(("event_id", EventErrorCodes.InvalidEventId), Single(Event(more: $"\"event_id\":\"{eventId}\"")).OnlyError);

    [Fact]
    public void EventId_Absent_IsAVersion7OfTheServersTime()
    {
        var id = Assert.Single(Single(Event()).EventIds);

        Assert.Equal(7, id.Version);
        Assert.Equal(Metadata.ReceivedAt.ToUnixTimeMilliseconds(), Convert.ToInt64(id.ToString("N")[..12], 16));
    }

    [Fact]
    public void OptionalFields_Null_AreAsAbsent()
    {
        var outcome = Single(Event(more: "\"occurred_at\":null,\"payload\":null,\"event_id\":null"));

        Assert.Equal("2025-06-15 12:30:45.123456", outcome.Text(EventColumns.OccurredAt));
        Assert.Equal("{}", outcome.Text(EventColumns.Payload));
        Assert.Equal(7, Assert.Single(outcome.EventIds).Version);
    }

    [Fact]
    public void FieldNames_Escaped_AreTheSameNames() =>
        Assert.Equal("x", Single("""{"user\u005fid":"x","event_type":"t"}""").Text(EventColumns.UserId));

    [Fact]
    public void Faults_SeveralInOneEvent_AreAllReported() => Assert.Equal(
        [
            ("event_type", EventErrorCodes.WrongType),
            ("occurred_at", EventErrorCodes.InvalidTimestamp),
            ("payload", EventErrorCodes.WrongType),
            ("event_id", EventErrorCodes.InvalidEventId),
            ("user_id", EventErrorCodes.Required),
        ],
        Single("""{"event_type":[],"occurred_at":"soon","payload":[],"event_id":"x"}""").CodesOfErrors);

    [Theory]
    [InlineData("user_id", "\"a\"")]
    [InlineData("event_type", "\"a\"")]
    [InlineData("payload", "{}")]
    [InlineData("occurred_at", "\"2025-01-01\"")]
    [InlineData("event_id", "\"0190163d-8694-739b-aea5-966c26f8ad91\"")]
    public void Field_SentThreeTimes_IsOneDuplicate(string field, string value)
    {
        var more = field is "user_id" or "event_type" ? 2 : 3;

        Assert.Equal((field, EventErrorCodes.DuplicateField), Single(Event(more: string.Join(',', Enumerable.Repeat($"\"{field}\":{value}", more)))).OnlyError);
    }

    [Theory]
    [InlineData("[]", "an array")]
    [InlineData("1", "a number")]
    [InlineData("null", "null")]
    [InlineData("\"x\"", "a string")]
    public void Event_NotAnObject_IsRefusedAlone(string value, string named)
    {
        var outcome = Events(Event(), value, Event());

        Assert.Equal((2, 1), (outcome.Accepted, outcome.Rejected));
        Assert.Equal(("", EventErrorCodes.NotAnObject), outcome.OnlyError);
        Assert.Equal(1, outcome.Errors[0].Index);
        Assert.Contains(named, outcome.Errors[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Faults_NeverEchoWhatWasSent()
    {
        const string Secret = "Sesame";
        var outcome = Events(
            Event($"{{\"{Secret}\":1}}", $"\"{Secret}\\n\"", $"\"occurred_at\":\"{Secret}\",\"event_id\":\"{Secret}\",\"payload\":\"{Secret}\""),
            $"\"{Secret}\"");

        Assert.Equal(2, outcome.Rejected);
        Assert.All(outcome.Errors, fault => Assert.DoesNotContain(Secret, fault.ToString(), StringComparison.OrdinalIgnoreCase));
    }

    private static string Text(string character, int count) => $"\"{string.Concat(Enumerable.Repeat(character, count))}\"";
}

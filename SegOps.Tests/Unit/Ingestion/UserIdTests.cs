using SegOps.Contracts;
using static SegOps.Tests.Unit.Ingestion.Parse;

namespace SegOps.Tests.Unit.Ingestion;

public sealed class UserIdTests
{
    [Theory]
    [InlineData(" ")]
    [InlineData("\\t\\r\\n")]
    [InlineData("\u00A0\u2003\u3000")]
    [InlineData("\u200B")]
    [InlineData("\\u200b\\u200d\\ufeff\\u2060")]
    [InlineData("\u202E\u2069")]
    [InlineData("\u0085\\u001f\u007f")]
    [InlineData("\u3164\u2800")]
    [InlineData("\uFE0F\u034F")]
    [InlineData("\\uDB40\\uDC61")] // a tag character
    public void UserId_NothingVisible_IsEmpty(string userId) =>
        Assert.Equal(("user_id", EventErrorCodes.Empty), Single(Event($"\"{userId}\"")).OnlyError);

    [Theory]
    [InlineData("\\u0000")]
    [InlineData("user\\u0000")]
    [InlineData("\\u0000user")]
    public void UserId_WithNul_IsInvalid(string userId) =>
        Assert.Equal(("user_id", EventErrorCodes.InvalidCharacters), Single(Event($"\"{userId}\"")).OnlyError);

    [Theory]
    [InlineData("null")]
    [InlineData("NULL")]
    [InlineData(" Null ")]
    [InlineData("undefined")]
    [InlineData("none")]
    [InlineData("nil")]
    [InlineData("NaN")]
    [InlineData("unknown")]
    [InlineData("anonymous")]
    [InlineData("guest")]
    [InlineData("0")]
    [InlineData("000")]
    [InlineData("-1")]
    [InlineData("true")]
    [InlineData("false")]
    [InlineData("[object Object]")]
    [InlineData("<nil>")]
    [InlineData("distinct_id")]
    [InlineData("\\u006eull")]
    [InlineData("\u00A0undefined\u3000")]
    [InlineData("{}")]
    [InlineData("\\\"\\\"")]
    [InlineData("00000000-0000-0000-0000-000000000000")]
    [InlineData("00000000000000000000000000000000")]
    [InlineData("{00000000-0000-0000-0000-000000000000}")]
    [InlineData("(00000000-0000-0000-0000-000000000000)")]
    [InlineData("FFFFFFFF-ffff-ffff-ffff-ffffffffffff")]
    public void UserId_Placeholder_IsAcceptedWithAWarning(string userId)
    {
        var outcome = Single(Event($"\"{userId}\""));

        Assert.Equal(1, outcome.Accepted);
        Assert.Equal([("user_id", WarningCodes.SuspiciousUserId)], outcome.WarningCodes);
    }

    [Theory]
    [InlineData("user-123")]
    [InlineData("1")]
    [InlineData("10")]
    [InlineData("nullable")]
    [InlineData("anonymous-7f3a")]
    [InlineData("fffff")]
    [InlineData("00000000-0000-0000-0000-000000000001")]
    [InlineData("jo@example.com")]
    [InlineData("用户")]
    [InlineData("ab\u200Dc")]
    public void UserId_OfAPerson_IsNotWarnedOf(string userId) => Assert.Empty(Single(Event($"\"{userId}\"")).Warnings);

    [Theory]
    [InlineData("\u061C")]
    [InlineData("\u200E")]
    [InlineData("\u200F")]
    [InlineData("\u202A")]
    [InlineData("\\u202e")]
    [InlineData("\u2066")]
    [InlineData("\u2069")]
    public void Text_ThatChangesDirection_IsAcceptedWithAWarning(string control)
    {
        Assert.Equal([("user_id", WarningCodes.BidirectionalControl)], Single(Event($"\"jo{control}1\"")).WarningCodes);
        Assert.Equal(
            [("event_type", WarningCodes.EventTypeNotSnakeCase), ("event_type", WarningCodes.BidirectionalControl)],
            Single(Event(eventType: $"\"page{control}_viewed\"")).WarningCodes);
    }

    [Theory]
    [InlineData("שלום")]
    [InlineData("مرحبا")]
    [InlineData("a\u2029b")]
    [InlineData("a\u206Ab")]
    [InlineData("a\u200Db")]
    public void UserId_OtherText_DoesNotChangeDirection(string userId) => Assert.Empty(Single(Event($"\"{userId}\"")).Warnings);
}

using System.Buffers.Text;
using System.Text;
using SegOps.InternalApi;
using SegOps.Monitoring.Errors;

namespace SegOps.Tests.Unit.Monitoring;

public sealed class ErrorsCursorTests
{
    private static readonly DateTime LastSeen = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc).AddMicroseconds(678901);

    [Theory]
    [InlineData("user_id")]
    [InlineData("")]
    [InlineData("a field of é and 😀")]
    public void Parse_WhatWasWritten_IsTheSame(string field)
    {
        var cursor = new ErrorsCursor(LastSeen.AddSeconds(1), LastSeen, "required", field);

        Assert.Equal(cursor, ErrorsCursor.Parse(cursor.Write()));
    }

    [Fact]
    public void Parse_LongestField_IsRead()
    {
        var cursor = new ErrorsCursor(LastSeen, LastSeen, "event_type_not_snake_case", new string('f', 128));

        Assert.Equal(cursor, ErrorsCursor.Parse(cursor.Write()));
    }

    [Theory]
    [InlineData("1 1 required")]
    [InlineData("1 x required f")]
    [InlineData("-1 -1 required f")]
    [InlineData("1 2 required f")]
    [InlineData("99999999999999999 1 required f")]
    [InlineData("99999999999999999999 1 required f")]
    [InlineData("1 1 Not-a-code f")]
    [InlineData("")]
    public void Parse_AnotherText_IsInvalid(string text) =>
        Assert.Throws<InvalidParameterException>(() => ErrorsCursor.Parse(Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text)) + (text == "" ? "x" : "")));

    [Theory]
    [InlineData("x")]
    [InlineData("!!!!")]
    [InlineData("MSAxIHJlcXVpcmVkIP_-")]
    public void Parse_NotOurs_IsInvalid(string text) => Assert.Throws<InvalidParameterException>(() => ErrorsCursor.Parse(text));

    [Fact]
    public void Parse_TooLong_IsInvalid() =>
        Assert.Throws<InvalidParameterException>(() => ErrorsCursor.Parse(new ErrorsCursor(LastSeen, LastSeen, "required", new string('f', 2000)).Write()));
}

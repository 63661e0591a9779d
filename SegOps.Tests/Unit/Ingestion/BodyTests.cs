using System.Text;
using SegOps.Contracts;
using static SegOps.Tests.Unit.Ingestion.Parse;

namespace SegOps.Tests.Unit.Ingestion;

public sealed class BodyTests
{
    [Theory]
    [InlineData("", "empty")]
    [InlineData(" \r\n\t", "empty")]
    [InlineData("{\"user_id\":\"u\",\n \"event_type\":x}", "line 2, byte 15 of that line.")]
    [InlineData("{\"user_id\":\"u\"", "line 1, byte 15 of that line, where it ends too early")]
    [InlineData("{\"user_id\":\"u", "where it ends too early")]
    [InlineData("{}{}", "line 1, byte 3")]
    [InlineData("{} x", "line 1, byte 4")]
    [InlineData("{\"a\":1,}", "line 1, byte 8")]
    [InlineData("{\"a\":01}", "line 1")]
    [InlineData("{'a':1}", "line 1, byte 2")]
    [InlineData("{\"a\":\"\\x\"}", "line 1")]
    [InlineData("{\"a\":\"\t\"}", "line 1")]
    [InlineData("{} // comment", "line 1, byte 4")]
    [InlineData("\u0000", "line 1, byte 1")]
    [InlineData("NaN", "line 1, byte 1")]
    public void Body_NotJson_IsMalformedAndSaysWhere(string body, string detail)
    {
        var error = Single(body).Error;

        Assert.Equal(ErrorCodes.MalformedJson, error?.Code);
        Assert.Contains(detail, error?.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Body_FaultAfterValidEvents_RefusesAll()
    {
        var outcome = Batch($$"""{"events":[{{Event()}},{{Event()}},{"user_id":]}""");

        Assert.Equal(ErrorCodes.MalformedJson, outcome.Error?.Code);
    }

    [Fact]
    public void Body_NestedWithoutEnd_IsMalformed() => Assert.Equal(ErrorCodes.MalformedJson, Single(new string('[', 1_000_000)).Error?.Code);

    [Fact]
    public void Body_NestedArraysForEvents_AreNotObjects() => Assert.Equal(
        ("", EventErrorCodes.NotAnObject), Events(new string('[', 1000) + new string(']', 1000)).OnlyError);

    [Fact]
    public void Body_ByteOrderMark_IsTolerated() => Assert.Equal(1, Single("\uFEFF" + Event()).Accepted);

    [Fact]
    public void Body_WhiteSpaceAround_IsTolerated() => Assert.Equal(1, Single("\r\n " + Event() + "\n\n").Accepted);

    [Fact]
    public void Body_Utf16_IsMalformed() =>
        Assert.Equal(ErrorCodes.MalformedJson, Body(Encoding.Unicode.GetBytes(Event()), isBatch: false).Error?.Code);

    [Theory]
    [InlineData(new byte[] { 0xFF })]
    [InlineData(new byte[] { 0xC3 })]
    [InlineData(new byte[] { 0xC0, 0x80 })]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 })]
    [InlineData(new byte[] { 0xF4, 0x90, 0x80, 0x80 })]
    public void Body_InvalidUtf8InsideAPayload_IsMalformedAndSaysWhere(byte[] invalid)
    {
        var before = Encoding.UTF8.GetBytes("{\"user_id\":\"é\",\"event_type\":\"t\",\"payload\":{\"a\":\"");
        byte[] body = [.. before, .. invalid, .. "\"}}"u8];

        var error = Body(body, isBatch: false).Error;

        Assert.Equal(ErrorCodes.MalformedJson, error?.Code);
        Assert.Contains($"byte {before.Length},", error?.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Body_NotJson_IsNotEchoed() => Assert.DoesNotContain("Sesame", Single("{\"a\":Sesame}").Error?.Detail, StringComparison.OrdinalIgnoreCase);
}

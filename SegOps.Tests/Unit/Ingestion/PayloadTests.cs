using SegOps.Contracts;
using static SegOps.Tests.Unit.Ingestion.Parse;

namespace SegOps.Tests.Unit.Ingestion;

public sealed class PayloadTests
{
    [Fact]
    public void Payload_Absent_IsAnEmptyObject() => Assert.Equal("{}", Single(Event()).Text(EventColumns.Payload));

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{ "a" : [ 1 , 2.50, -0e+07 ] , "b":null }""")]
    [InlineData("""{"n":123456789012345678901234567890.12345678901234567890}""")]
    [InlineData("""{"s":"\ud83d\ude00 \u00e9 \/ \\ \" \b\f\n\r\t \u0000 \ud83d"}""")]
    [InlineData("""{"é":"😀"}""")]
    [InlineData("{\n\t\"lines\":\r\n 1}")]
    [InlineData("""{"a":1,"a":2}""")]
    [InlineData("{\"\u007f\u2028\":1}")]
    public void Payload_AnyObject_IsStoredByteForByte(string payload) =>
        Assert.Equal(payload, Single(Event(more: $"\"payload\":{payload}")).Text(EventColumns.Payload));

    [Theory]
    [InlineData("[]", "an array")]
    [InlineData("\"{}\"", "a string")]
    [InlineData("0", "a number")]
    [InlineData("false", "a boolean")]
    public void Payload_NotAnObject_IsWrongType(string payload, string named)
    {
        var outcome = Single(Event(more: $"\"payload\":{payload}"));

        Assert.Equal(("payload", EventErrorCodes.WrongType), outcome.OnlyError);
        Assert.Contains(named, outcome.Errors[0].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(32768, true)]
    [InlineData(32769, false)]
    public void Payload_SizeAtItsLimit_IsJudged(int bytes, bool accepted)
    {
        var payload = $$"""{"é":"{{new string('x', bytes - 9)}}"}""";
        Assert.Equal(bytes, System.Text.Encoding.UTF8.GetByteCount(payload));

        Assert.Equal(accepted ? [] : [("payload", EventErrorCodes.PayloadTooLarge)], Single(Event(more: $"\"payload\":{payload}")).CodesOfErrors);
    }

    [Theory]
    [InlineData(10, true)]
    [InlineData(11, false)]
    [InlineData(100, false)]
    [InlineData(10_000, false)]
    public void Payload_DepthAtItsLimit_IsJudged(int levels, bool accepted)
    {
        var objects = string.Concat(Enumerable.Repeat("{\"a\":", levels - 1)) + "{}" + new string('}', levels - 1);
        var arrays = "{\"a\":" + new string('[', levels - 1) + new string(']', levels - 1) + "}";

        var codes = (string payload) => Single(Event(more: $"\"payload\":{payload}")).CodesOfErrors.Where(fault => fault.Code != EventErrorCodes.PayloadTooLarge);
        (string, string)[] expected = accepted ? [] : [("payload", EventErrorCodes.PayloadTooDeep)];
        Assert.Equal(expected, codes(objects));
        Assert.Equal(expected, codes(arrays));
    }

    [Fact]
    public void Payload_TooDeepInABatch_RefusesItsEventAlone()
    {
        var deep = Event(more: "\"payload\":{\"a\":" + new string('[', 100) + new string(']', 100) + "}");

        var outcome = Events(Event(), deep, Event());

        Assert.Equal(2, outcome.Accepted);
        Assert.Equal((1, EventErrorCodes.PayloadTooDeep), (Assert.Single(outcome.Errors).Index, outcome.Errors[0].Code));
    }
}

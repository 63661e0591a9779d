using System.Text.RegularExpressions;
using CsCheck;
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
    [InlineData("""{"s":"\ud83d\ude00 \u00e9 \/ \\ \" \b\f\n\r\t \u0000 \\ud83d"}""")]
    [InlineData("""{"é":"😀"}""")]
    [InlineData("{\n\t\"lines\":\r\n 1}")]
    [InlineData("""{"a":1,"a":2}""")]
    [InlineData("{\"\u007f\u2028\":1}")]
    [InlineData("""{"n":[18446744073709551615,-9223372036854775808,1.7976931348623157e308,1e-400]}""")]
    public void Payload_ReadableObject_IsStoredByteForByte(string payload) => Assert.Equal(payload, Stored(payload));

    [Theory]
    [InlineData("""{"t":"\ud83d","n":1}""", """{"t":"\ufffd","n":1}""")]
    [InlineData("""{ "t" : "a\uDE00\uD83Db" , "n":1 }""", """{ "t" : "a\ufffd\ufffdb" , "n":1 }""")]
    [InlineData("""{"t":["\ud83d\ud83d\ude00\n"]}""", """{"t":["\ufffd\ud83d\ude00\n"]}""")]
    [InlineData("""{"t":"\\\ud83d \\ud83d"}""", """{"t":"\\\ufffd \\ud83d"}""")]
    [InlineData("""{"\ud83d":{"\udc00x":1}}""", """{"\ufffd":{"\ufffdx":1}}""")]
    public void Payload_HalfASurrogatePair_IsStoredAsTheReplacementCharacter(string payload, string stored) => Assert.Equal(stored, Stored(payload));

    [Theory]
    [InlineData("""{"a":1e400,"n":1}""", """{"a":"1e400","n":1}""")]
    [InlineData("""{"a":[ -1E+309 ,0]}""", """{"a":[ "-1E+309" ,0]}""")]
    [InlineData("""{"a":18446744073709551616}""", """{"a":"18446744073709551616"}""")]
    [InlineData("""{"a":-9223372036854775809,"b":"\ud83d"}""", """{"a":"-9223372036854775809","b":"\ufffd"}""")]
    public void Payload_NumberThatQueriesCannotRead_IsStoredAsAString(string payload, string stored) => Assert.Equal(stored, Stored(payload));

    [Theory]
    [InlineData("""{"t":"\ud83d"}""")]
    [InlineData("""{"t":"\ud83d","a":[1e400,1e400]}""")]
    public void Payload_Repaired_IsOneWarning(string payload) => Assert.Equal(
        [("payload", WarningCodes.PayloadRepaired)], Single(Event(more: $"\"payload\":{payload}")).WarningCodes);

    [Fact]
    public void Payload_RepairedInABatch_ChangesNoOtherEvent() => Assert.Equal(
        ["""{"t":"\ufffd"}""", """{"t":1}""", """{"t":"\ufffd\ufffd"}"""],
        Events(WithPayload("""{"t":"\ud83d"}"""), WithPayload("""{"t":1}"""), WithPayload("""{"t":"\ud83d\ud83d"}""")).Rows
            .Select(row => row.GetProperty(EventColumns.Payload).GetString()));

    [Theory]
    [InlineData("""{"a":1,"a":2}""")]
    [InlineData("""{"a":1,"b":{},"\u0061":2}""")]
    [InlineData("""{"x":[0,{"a":1,"b":2,"a":3}]}""")]
    [InlineData("""{"a":{"b":{"c":1}},"b":1,"c":1,"a":1}""")]
    [InlineData("""{"":1,"":2}""")]
    [InlineData("""{"a":1,"x":{"long name 1":1,"long name 2":1,"long name 1":1}}""")]
    public void Payload_KeyTwiceInAnObject_IsWarnedOfAndStoredAsSent(string payload)
    {
        var outcome = Single(WithPayload(payload));

        Assert.Equal([("payload", WarningCodes.PayloadAmbiguous)], outcome.WarningCodes);
        Assert.Equal(payload, outcome.Text(EventColumns.Payload));
    }

    [Theory]
    [InlineData("""{"a":{"a":{"a":1}},"b":{"a":1},"c":[{"a":1},{"a":1}]}""")]
    [InlineData("""{"a":1,"A":2,"aa":3,"aaaaaaaa":4,"aaaaaaaaa":5,"\\u0061":6}""")]
    [InlineData("""{"a":["a","a"],"b":"a"}""")]
    public void Payload_EachKeyOnceInItsObject_IsNotWarnedOf(string payload) => Assert.Empty(Single(WithPayload(payload)).Warnings);

    [Theory]
    [InlineData(3000, -1, false)]
    [InlineData(3000, 0, true)]
    [InlineData(3000, 1500, true)]
    public void Payload_ThousandsOfKeys_AreComparedToo(int keys, int again, bool isAmbiguous)
    {
        var names = Enumerable.Range(0, keys).Select(i => Convert.ToString(i, 16)).Append(again < 0 ? "other" : Convert.ToString(again, 16));

        var outcome = Single(WithPayload($"{{{string.Join(',', names.Select(name => $"\"{name}\":0"))}}}"));

        Assert.Equal(isAmbiguous ? [("payload", WarningCodes.PayloadAmbiguous)] : [], outcome.WarningCodes.Concat(outcome.CodesOfErrors));
    }

    [Fact]
    public void Payload_Any_IsStoredReadableAndOtherwiseAsSent() => Generate.Object.Sample(payload =>
    {
        var stored = Stored(payload);

        // Without the characters by which the repairs differ, both are the same.
        Assert.Equal(Unrepaired(payload), Unrepaired(stored));
        Assert.Equal(stored, Stored(stored));
    }, iter: 5_000);

    private static string Unrepaired(string json) => Regex.Replace(json, @"\\u([dD][89a-fA-F][0-9a-fA-F]{2}|fffd)|""", "");

    private static string WithPayload(string payload) => Event(more: $"\"payload\":{payload}");

    private static string Stored(string payload) => Single(WithPayload(payload)).Text(EventColumns.Payload)!;

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

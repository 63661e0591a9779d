using System.Text;
using CsCheck;
using SegOps.Client.Sending;

namespace SegOps.Client.Tests.Sending;

public class AnswerReaderTests
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan RateLimit = TimeSpan.FromSeconds(7);

    [Theory]
    [InlineData(202, """{"accepted":3,"rejected":0}""", nameof(Verdict.Decided))]
    [InlineData(202, """{"accepted":2,"rejected":0}""", nameof(Verdict.Transient))]
    [InlineData(202, """{"accepted":2,"rejected":1}""", nameof(Verdict.Transient))]
    [InlineData(202, """{"accepted":"3","rejected":0}""", nameof(Verdict.Transient))]
    [InlineData(202, """{"accepted":3,"rejected":0""", nameof(Verdict.Transient))]
    [InlineData(202, "", nameof(Verdict.Transient))]
    [InlineData(200, """{"accepted":3,"rejected":0}""", nameof(Verdict.Transient))]
    [InlineData(200, "<html>Welcome</html>", nameof(Verdict.Transient))]
    [InlineData(204, "", nameof(Verdict.Transient))]
    [InlineData(302, "", nameof(Verdict.Configuration))]
    [InlineData(401, """{"code":"invalid_api_key"}""", nameof(Verdict.Configuration))]
    [InlineData(403, "<html>", nameof(Verdict.Configuration))]
    [InlineData(404, """{"code":"not_found"}""", nameof(Verdict.Configuration))]
    [InlineData(405, "", nameof(Verdict.Configuration))]
    [InlineData(400, """{"code":"validation_failed","errors":[{"index":0,"code":"empty"}]}""", nameof(Verdict.Decided))]
    [InlineData(400, """{"code":"validation_failed","errors":[{"index":-1,"code":"empty"},{"index":3}]}""", nameof(Verdict.Split))]
    [InlineData(400, """{"code":"bad_request"}""", nameof(Verdict.BadRequest))]
    [InlineData(400, """{"code":"malformed_json"}""", nameof(Verdict.Split))]
    [InlineData(400, "<html>", nameof(Verdict.Split))]
    [InlineData(406, "", nameof(Verdict.Split))]
    [InlineData(408, "", nameof(Verdict.Transient))]
    [InlineData(413, """{"code":"body_too_large"}""", nameof(Verdict.Split))]
    [InlineData(415, "", nameof(Verdict.PlainOnly))]
    [InlineData(429, """{"code":"rate_limited"}""", nameof(Verdict.Transient))]
    [InlineData(429, """{"code":"too_many_failures"}""", nameof(Verdict.Transient))]
    [InlineData(429, """{"code":"quota_exceeded","remaining":2}""", nameof(Verdict.Quota))]
    [InlineData(500, "", nameof(Verdict.Transient))]
    [InlineData(503, "[]", nameof(Verdict.Transient))]
    public void Read_StatusAndCode_GiveTheVerdict(int status, string body, string verdict) => Assert.Equal(verdict, Read(status, body).Verdict.ToString());

    [Fact]
    public void Read_415ToAPlainBody_IsAboutTheBatch() =>
        Assert.Equal(Verdict.Split, AnswerReader.Read(415, [], 3, compressed: false, default, default).Verdict);

    [Fact]
    public void Read_SeveralErrorsOfOneEvent_KeepsTheFirst()
    {
        var answer = Read(202, """
            {"accepted":2,"rejected":1,"errors":[
              {"index":-1,"field":"sent_at","code":"x"},
              {"index":1,"field":"user_id","code":"required","message":"m"},
              {"index":1,"field":"event_type","code":"empty"}]}
            """);

        Assert.Equal([new Finding(1, "user_id", "required", "m")], answer.Findings);
        Assert.True(answer.RestAccepted);
    }

    [Fact]
    public void Read_ValidationFailed_AcceptsNothing() =>
        Assert.False(Read(400, """{"code":"validation_failed","errors":[{"index":0,"code":"empty"}]}""").RestAccepted);

    [Theory]
    [InlineData(202, """{"accepted":3,"rejected":0}""", 7)]
    [InlineData(503, "", 3)]
    [InlineData(429, """{"code":"rate_limited"}""", 3)]
    public void Read_Headers_GiveThePause(int status, string body, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Read(status, body).Pause);

    [Fact]
    public void Read_Quota_TellsWhatRemains() => Assert.Equal(2, Read(429, """{"code":"quota_exceeded","remaining":2}""").Remaining);

    [Fact]
    public void Read_AnyBody_NeverThrows() => Gen.Select(Gen.Int[100, 599], Gen.Byte.Array).Sample((status, body) =>
    {
        AnswerReader.Read(status, body, 3, false, default, default);
    });

    [Theory]
    [InlineData("""{"accepted":1e99,"rejected":{},"errors":[1,null,{"index":"a"},{"index":1.5},{"index":99999999999}],"warnings":{}}""")]
    [InlineData("""{"code":5,"remaining":-1,"errors":{"index":0}}""")]
    public void Read_UnexpectedTypes_NeverThrows(string body)
    {
        foreach (var status in new[] { 202, 400, 429, 500 })
        {
            Read(status, body);
        }
    }

    private static Answer Read(int status, string body) =>
        AnswerReader.Read(status, Encoding.UTF8.GetBytes(body), 3, compressed: true, RetryAfter, RateLimit);
}

using System.Net;
using Polly.Timeout;
using SegOps.Warehouse;

namespace SegOps.Tests.Unit.Ingestor;

public sealed class InsertFailuresTests
{
    [Theory]
    [InlineData(159)]
    [InlineData(202)]
    [InlineData(210)]
    [InlineData(236)]
    [InlineData(241)]
    [InlineData(252)]
    public void Classify_Overload_IsHeld(int code) => Assert.Equal(InsertFailure.Transient, Classify(500, code));

    [Theory]
    [InlineData(60)]
    [InlineData(75)]
    [InlineData(76)]
    [InlineData(81)]
    [InlineData(243)]
    [InlineData(497)]
    [InlineData(516)]
    public void Classify_FaultOfTheInstallation_IsHeld(int code) => Assert.Equal(InsertFailure.Transient, Classify(500, code));

    /// <summary>A known-good row decides whether the rows or the server caused these.</summary>
    [Theory]
    [InlineData(27)]
    [InlineData(41)]
    [InlineData(49)]
    [InlineData(117)]
    [InlineData(246)]
    [InlineData(469)]
    [InlineData(1001)]
    [InlineData(99_999)]
    public void Classify_FaultOfTheRowsOrTheServer_IsRefused(int code) => Assert.Equal(InsertFailure.Refused, Classify(400, code));

    [Theory]
    [InlineData(401)]
    [InlineData(404)]
    [InlineData(502)]
    [InlineData(503)]
    public void Classify_AnswerOfAProxy_IsHeld(int status) => Assert.Equal(InsertFailure.Transient, Classify(status, code: 0));

    [Fact]
    public void Classify_NoAnswer_IsHeld()
    {
        Assert.Equal(InsertFailure.Transient, InsertFailures.Classify(new HttpRequestException()));
        Assert.Equal(InsertFailure.Transient, InsertFailures.Classify(new IOException()));
        Assert.Equal(InsertFailure.Transient, InsertFailures.Classify(new TimeoutRejectedException()));
    }

    [Fact]
    public void From_CodeHeaderLost_ReadsTheCodeFromTheBody()
    {
        var answer = ClickHouseException.From(500, codeHeader: null, "Code: 252. DB::Exception: Too many parts (300). (TOO_MANY_PARTS) (version 26.7)");

        Assert.Equal(252, answer.Code);
    }

    [Fact]
    public void Describe_AnswerThatQuotesData_NamesTheErrorOnly()
    {
        var answer = ClickHouseException.From(400, "27", "Code: 27. DB::Exception: Cannot parse input: secret@example.org (CANNOT_PARSE_INPUT_ASSERTION_FAILED) (version 26.7)");

        Assert.Equal("ClickHouse answers 27 CANNOT_PARSE_INPUT_ASSERTION_FAILED", InsertFailures.Describe(answer));
    }

    [Fact]
    public void Describe_NoConnection_NamesNoAddress()
    {
        var refused = new HttpRequestException(HttpRequestError.ConnectionError, "Connection refused (10.1.2.3:8123)", null, HttpStatusCode.OK);

        Assert.Equal("ClickHouse cannot be reached (ConnectionError)", InsertFailures.Describe(refused));
    }

    private static InsertFailure Classify(int status, int code) => InsertFailures.Classify(new ClickHouseException(code, status, "?"));
}

using System.Net;
using System.Text;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;
using static SegOps.Tests.Integration.Ingestion.IngestionUnderTest;

namespace SegOps.Tests.Integration.Ingestion;

public sealed class RefusalTests(PubSubEmulatorFixture emulator)
{
    private const string Event = """{"user_id":"u","event_type":"t"}""";

    [Theory]
    [InlineData(SinglePath, "{\"user_id\":\"u\"", ErrorCodes.MalformedJson)]
    [InlineData(SinglePath, "", ErrorCodes.MalformedJson)]
    [InlineData(SinglePath, "[]", ErrorCodes.MalformedJson)]
    [InlineData(BatchPath, "{\"events\":[{]}", ErrorCodes.MalformedJson)]
    [InlineData(BatchPath, "{}", ErrorCodes.MalformedJson)]
    [InlineData(BatchPath, "{\"events\":[],\"events\":[]}", ErrorCodes.MalformedJson)]
    [InlineData(BatchPath, "{\"events\":[]}", ErrorCodes.BatchEmpty)]
    public async Task Track_BadBody_Is400(string path, string body, string code)
    {
        await using var ingestion = await StartAsync(await emulator.NewProjectAsync());

        await AssertProblemAsync(HttpStatusCode.BadRequest, code, await ingestion.PostAsync(path, body));
    }

    [Fact]
    public async Task Track_InvalidUtf8_IsMalformed()
    {
        await using var ingestion = await StartAsync(await emulator.NewProjectAsync());
        byte[] body = [.. "{\"user_id\":\""u8, 0xC3, 0x28, .. "\",\"event_type\":\"t\"}"u8];

        var problem = await AssertProblemAsync(HttpStatusCode.BadRequest, ErrorCodes.MalformedJson, await ingestion.PostAsync(SinglePath, body));

        Assert.Contains("byte 12", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TrackBatch_501Events_IsTooLarge()
    {
        await using var ingestion = await StartAsync(await emulator.NewProjectAsync());

        await AssertProblemAsync(HttpStatusCode.BadRequest, ErrorCodes.BatchTooLarge, await ingestion.PostAsync(BatchPath, BatchOf(501)));
    }

    [Fact]
    public async Task Track_InvalidEvent_ReportsEveryFault()
    {
        await using var ingestion = await StartAsync(await emulator.NewProjectAsync());

        var problem = await AssertProblemAsync(HttpStatusCode.BadRequest, ErrorCodes.ValidationFailed, await ingestion.PostAsync(
            SinglePath, """{"userId":"u","event_type":"t","event_type":"t","payload":{"a":[[[[[[[[[[]]]]]]]]]]}}"""));

        Assert.Equal(
            [(0, "payload", EventErrorCodes.PayloadTooDeep), (0, "event_type", EventErrorCodes.DuplicateField), (0, "user_id", EventErrorCodes.Required)],
            problem.GetProperty("errors").EnumerateArray().Select(error =>
                (error.GetProperty("index").GetInt32(), error.GetProperty("field").GetString(), error.GetProperty("code").GetString())));
        Assert.True(problem.GetProperty("request_id").TryGetGuid(out _));
    }

    [Theory]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("text/plain")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("application/json; charset=utf16")]
    [InlineData("application/json; charset=iso-8859-1")]
    [InlineData("text/plain; charset=utf-8")]
    [InlineData("not a media type")]
    public async Task Track_OtherMediaType_Is415AndSaysWhatToSend(string type)
    {
        await using var ingestion = await StartAsync(await emulator.NewProjectAsync());

        var answer = await ingestion.PostAsync(SinglePath, Event, request => TrackTests.SetType(request, type));

        var problem = await AssertProblemAsync(HttpStatusCode.UnsupportedMediaType, ErrorCodes.UnsupportedMediaType, answer);
        Assert.Contains("Content-Type: application/json", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(["application/json"], answer.Headers.GetValues("Accept-Post"));
    }

    [Theory]
    [InlineData("compress")]
    [InlineData("gzip, gzip")]
    [InlineData("gzip, br")]
    [InlineData("x-gzip, gzip")]
    [InlineData("x-compress")]
    public async Task Track_OtherContentEncoding_Is415AndSaysWhatToSend(string encoding)
    {
        await using var ingestion = await StartAsync(await emulator.NewProjectAsync());

        var answer = await ingestion.PostAsync(
            SinglePath, Event, request => request.Content!.Headers.TryAddWithoutValidation("Content-Encoding", encoding));

        await AssertProblemAsync(HttpStatusCode.UnsupportedMediaType, ErrorCodes.UnsupportedMediaType, answer);
        Assert.Equal(["gzip, br, deflate, zstd"], answer.Headers.GetValues("Accept-Encoding"));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    [InlineData("zstd")]
    public async Task Track_CorruptCompression_IsMalformed(string encoding)
    {
        await using var ingestion = await StartAsync(await emulator.NewProjectAsync());
        var whole = Compress.With(encoding, Encoding.UTF8.GetBytes(Event));

        foreach (var body in (byte[][])[Encoding.UTF8.GetBytes(Event), whole[..(whole.Length / 2)], [.. whole[..12], 0xFF, 0xFF, .. whole[14..]]])
        {
            var answer = await ingestion.PostAsync(SinglePath, body, request => request.Content!.Headers.Add("Content-Encoding", encoding));
            await AssertProblemAsync(HttpStatusCode.BadRequest, ErrorCodes.MalformedJson, answer);
        }
    }

    [Theory]
    [InlineData("gzip", SinglePath)]
    [InlineData("br", SinglePath)]
    [InlineData("deflate", SinglePath)]
    [InlineData("zstd", SinglePath)]
    [InlineData("gzip", BatchPath)]
    [InlineData("zstd", BatchPath)]
    public async Task Track_CompressionBomb_Is413(string encoding, string path)
    {
        await using var ingestion = await StartAsync(await emulator.NewProjectAsync());
        var bomb = Compress.With(encoding, Encoding.UTF8.GetBytes("{\"user_id\":\"" + new string(' ', 4 * EventLimits.MaxBatchBodyBytes)));
        Assert.InRange(bomb.Length, 1, EventLimits.MaxSingleBodyBytes);

        await AssertProblemAsync(HttpStatusCode.RequestEntityTooLarge, ErrorCodes.BodyTooLarge, await ingestion.PostAsync(
            path, bomb, request => request.Content!.Headers.Add("Content-Encoding", encoding)));
    }

    [Theory]
    [InlineData(SinglePath, EventLimits.MaxSingleBodyBytes, false)]
    [InlineData(SinglePath, EventLimits.MaxSingleBodyBytes, true)]
    [InlineData(BatchPath, EventLimits.MaxBatchBodyBytes, false)]
    [InlineData(BatchPath, EventLimits.MaxBatchBodyBytes, true)]
    public async Task Track_BodyAtItsLimit_IsJudged(string path, int limit, bool isChunked)
    {
        await using var ingestion = await StartAsync(await emulator.NewProjectAsync());
        var body = path == SinglePath ? Event : BatchOf(1);
        void Chunked(HttpRequestMessage request) => request.Headers.TransferEncodingChunked = isChunked;

        await AssertAcceptedAsync(await ingestion.PostAsync(path, body.PadRight(limit), Chunked));
        await AssertProblemAsync(HttpStatusCode.RequestEntityTooLarge, ErrorCodes.BodyTooLarge,
            await ingestion.PostAsync(path, body.PadRight(limit + 1), Chunked));
    }

    [Fact]
    public async Task Track_BodyShorterThanItsContentLength_IsRefusedWithoutAHang()
    {
        await using var ingestion = await StartAsync(await emulator.NewProjectAsync());

        var answer = await ingestion.ExchangeAsync($"POST {SinglePath} HTTP/1.1\r\nContent-Length: 1000", Event);

        Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 400", StringComparison.Ordinal), answer);
        await ingestion.PostAsync(SinglePath, """{"user_id":"next","event_type":"t"}""");
        Assert.Equal(["next"], (await ingestion.NextEventsAsync()).Column(EventColumns.UserId));
    }

    [Fact]
    public async Task Track_BodyLongerThanItsContentLength_IsReadToThatLength()
    {
        await using var ingestion = await StartAsync(await emulator.NewProjectAsync());

        var answer = await ingestion.ExchangeAsync($"POST {SinglePath} HTTP/1.1\r\nContent-Length: 10", Event, endsSending: false);

        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
        Assert.Contains(ErrorCodes.MalformedJson, answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Track_BodyThatStalls_Is408()
    {
        await using var ingestion = await StartAsync(await emulator.NewProjectAsync());

        var answer = await ingestion.ExchangeAsync($"POST {SinglePath} HTTP/1.1\r\nContent-Length: 1000", Event, endsSending: false);

        Assert.StartsWith("HTTP/1.1 408", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Track_BrokenChunk_Is400()
    {
        await using var ingestion = await StartAsync(await emulator.NewProjectAsync());

        var answer = await ingestion.ExchangeAsync($"POST {SinglePath} HTTP/1.1\r\nTransfer-Encoding: chunked", "zz\r\n{}\r\n0\r\n\r\n", endsSending: false);

        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("wrong")]
    public async Task Track_WithoutTheInternalSecret_Is403(string? secret)
    {
        await using var ingestion = await StartAsync(await emulator.NewProjectAsync());

        await AssertProblemAsync(HttpStatusCode.Forbidden, ErrorCodes.InternalOnly, await ingestion.PostAsync(SinglePath, Event, request =>
        {
            request.Headers.Remove(InternalHeaders.Secret);
            if (secret is not null)
                request.Headers.Add(InternalHeaders.Secret, secret);
        }));
    }

    [Fact]
    public async Task Track_WithoutACaller_Is400()
    {
        await using var ingestion = await StartAsync(await emulator.NewProjectAsync());

        await AssertProblemAsync(HttpStatusCode.BadRequest, ErrorCodes.BadRequest,
            await ingestion.PostAsync(SinglePath, Event, request => request.Headers.Remove(InternalHeaders.Project)));
    }

    [Fact]
    public async Task Track_Get_Is405()
    {
        await using var ingestion = await StartAsync(await emulator.NewProjectAsync());

        var answer = await ingestion.PostAsync(SinglePath, Event, request => request.Method = HttpMethod.Get);

        await AssertProblemAsync(HttpStatusCode.MethodNotAllowed, ErrorCodes.MethodNotAllowed, answer);
        Assert.Equal(["POST"], answer.Content.Headers.Allow);
    }

    private static string BatchOf(int events) => $$"""{"events":[{{string.Join(',', Enumerable.Repeat(Event, events))}}]}""";
}

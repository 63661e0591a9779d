using System.Text.Json;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;
using static SegOps.Tests.Integration.Ingestion.IngestionUnderTest;

namespace SegOps.Tests.Integration.Ingestion;

public sealed class TrackTests(PubSubEmulatorFixture emulator)
{
    private const string Event = """{"user_id":"u","event_type":"page_viewed","payload":{"path":"/pricing"}}""";

    [Theory]
    [InlineData("/api/ingestion/track")]
    [InlineData("/api/ingestion/track/")]
    public async Task Track_Event_IsAnsweredOnceItIsPublished(string path)
    {
        await using var ingestion = await StartAsync(await emulator.NewProjectAsync());

        var answer = await AssertAcceptedAsync(await ingestion.PostAsync(path, Event));
        var message = await ingestion.NextEventsAsync();

        Assert.Equal(1, answer.GetProperty("accepted").GetInt32());
        Assert.Equal(0, answer.GetProperty("rejected").GetInt32());
        Assert.Equal(0, answer.GetProperty("errors").GetArrayLength());
        Assert.Equal(0, answer.GetProperty("warnings").GetArrayLength());
        Assert.Equal([answer.GetProperty("event_ids")[0].GetString()], message.Column(EventColumns.EventId));
        Assert.Equal([answer.GetProperty("request_id").GetString()], message.Column(EventColumns.RequestId));
        Assert.Equal(["""{"path":"/pricing"}"""], message.Column(EventColumns.Payload));
        Assert.Equal([Project], message.Column(EventColumns.ProjectId));
    }

    [Theory]
    [InlineData("/api/ingestion/track/batch")]
    [InlineData("/api/ingestion/track/batch/")]
    public async Task TrackBatch_GoodAndBadEvents_StoresTheGoodAndReportsTheBad(string path)
    {
        await using var ingestion = await StartAsync(await emulator.NewProjectAsync());

        var answer = await AssertAcceptedAsync(await ingestion.PostAsync(
            path, """{"events":[{"user_id":"a","event_type":"t"},{"user_id":"","event_type":"t"},{"user_id":"b","event_type":"Not Snake"}]}"""));
        var message = await ingestion.NextEventsAsync();

        Assert.Equal(["a", "b"], message.Column(EventColumns.UserId));
        Assert.Equal((2, 1), (answer.GetProperty("accepted").GetInt32(), answer.GetProperty("rejected").GetInt32()));
        Assert.False(answer.TryGetProperty("event_ids", out _));
        var error = answer.GetProperty("errors")[0];
        Assert.Equal((1, "user_id", EventErrorCodes.Empty),
            (error.GetProperty("index").GetInt32(), error.GetProperty("field").GetString(), error.GetProperty("code").GetString()));
        var warning = answer.GetProperty("warnings")[0];
        Assert.Equal((2, "event_type", WarningCodes.EventTypeNotSnakeCase),
            (warning.GetProperty("index").GetInt32(), warning.GetProperty("field").GetString(), warning.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task TrackBatch_PreferRepresentation_ReturnsTheEventIds()
    {
        await using var ingestion = await StartAsync(await emulator.NewProjectAsync());

        var response = await ingestion.PostAsync(
            BatchPath, $$"""{"events":[{{Event}},{{Event}}]}""", request => request.Headers.Add("Prefer", "respond-async, return=representation"));
        var answer = await AssertAcceptedAsync(response);

        Assert.Equal(["return=representation"], response.Headers.GetValues("Preference-Applied"));
        Assert.Equal((await ingestion.NextEventsAsync()).Column(EventColumns.EventId), answer.GetProperty("event_ids").EnumerateArray().Select(id => id.GetString()));
    }

    [Fact]
    public async Task TrackBatch_Message_SaysWhatItHolds()
    {
        await using var ingestion = await StartAsync(await emulator.NewProjectAsync());

        var answer = await AssertAcceptedAsync(await ingestion.PostAsync(
            BatchPath, $$"""{"events":[{{Event}},{{Event}},{{Event}}]}""", request => SetEnvironment(request, Environments.Test)));
        var attributes = (await ingestion.NextEventsAsync()).Attributes;

        Assert.Equal(MessageAttributes.CurrentSchema, attributes[MessageAttributes.Schema]);
        Assert.Equal(Project, attributes[MessageAttributes.Project]);
        Assert.Equal(Environments.Test, attributes[MessageAttributes.Environment]);
        Assert.Equal("3", attributes[MessageAttributes.Count]);
        Assert.Equal(answer.GetProperty("request_id").GetString(), attributes[MessageAttributes.RequestId]);
        Assert.Equal(MessageAttributes.Zstd, attributes[MessageAttributes.ContentEncoding]);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$", attributes[MessageAttributes.ReceivedAt]);
        Assert.True(attributes.ContainsKey("googclient_traceparent"));
    }

    [Fact]
    public async Task TrackBatch_Of500EventsNearTheBodyLimit_IsOneMessage()
    {
        await using var ingestion = await StartAsync(await emulator.NewProjectAsync());
        var random = new Random(7);
        // Printable characters at random hardly shrink, so this is about the largest message that a batch can become.
        var events = Enumerable.Range(0, 500).Select(_ => $$$"""{"user_id":"u","event_type":"t","payload":{"a":"{{{Noise(random, 20_000)}}}"}}""");

        await AssertAcceptedAsync(await ingestion.PostAsync(BatchPath, $$"""{"events":[{{string.Join(',', events)}}]}"""));

        Assert.Equal(500, (await ingestion.NextEventsAsync()).Rows.Count);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    [InlineData("zstd")]
    [InlineData("GZIP")]
    [InlineData("x-gzip")]
    [InlineData("X-GZip")]
    [InlineData("identity")]
    public async Task Track_ContentEncoding_IsDecoded(string encoding)
    {
        await using var ingestion = await StartAsync(await emulator.NewProjectAsync());
        var body = System.Text.Encoding.UTF8.GetBytes(Event);

        await AssertAcceptedAsync(await ingestion.PostAsync(
            SinglePath, encoding == "identity" ? body : Compress.With(encoding.ToLowerInvariant(), body),
            request => request.Content!.Headers.Add("Content-Encoding", encoding)));

        Assert.Equal(["""{"path":"/pricing"}"""], (await ingestion.NextEventsAsync()).Column(EventColumns.Payload));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("application/json; charset=\"UTF-8\"")]
    [InlineData("application/json; charset=utf8")]
    [InlineData("application/json;charset=\"UTF8\"")]
    [InlineData("application/json; charset=us-ascii")]
    [InlineData("application/json; charset=US-ASCII")]
    [InlineData("APPLICATION/JSON")]
    [InlineData("application/cloudevents+json")]
    public async Task Track_JsonMediaTypes_AreAccepted(string? type)
    {
        await using var ingestion = await StartAsync(await emulator.NewProjectAsync());

        await AssertAcceptedAsync(await ingestion.PostAsync(SinglePath, Event, request => SetType(request, type)));
    }

    [Fact]
    public async Task Track_ChunkedBodyAfter100Continue_IsAccepted()
    {
        await using var ingestion = await StartAsync(await emulator.NewProjectAsync());

        await AssertAcceptedAsync(await ingestion.PostAsync(SinglePath, Event, request =>
        {
            request.Headers.TransferEncodingChunked = true;
            request.Headers.ExpectContinue = true;
        }));
    }

    [Fact]
    public async Task Health_WithPubSub_IsHealthy()
    {
        await using var ingestion = await StartAsync(await emulator.NewProjectAsync());

        var health = await ingestion.Client.GetStringAsync(new Uri("/health", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal("healthy", JsonElement.Parse(health).GetProperty("checks").GetProperty("event_stream").GetProperty("status").GetString());
    }

    internal static void SetType(HttpRequestMessage request, string? type)
    {
        request.Content!.Headers.Remove("Content-Type");
        if (type is not null)
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
    }

    private static void SetEnvironment(HttpRequestMessage request, string environment)
    {
        request.Headers.Remove(InternalHeaders.Environment);
        request.Headers.Add(InternalHeaders.Environment, environment);
    }

    private static string Noise(Random random, int length) => string.Create(length, random, static (text, source) =>
    {
        for (var i = 0; i < text.Length; i++)
            text[i] = (char)source.Next('#', '[');
    });
}

using System.IO.Compression;
using System.Net;
using System.Text;
using SegOps.AppHost.Resources.Redis;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.EndToEnd;

[Collection(EndToEndCollection.Name)]
public sealed class TrackTests(SystemFixture fixture)
{
    /// <summary>The body of the documentation's curl, unchanged.</summary>
    private const string DocumentedBody =
        """
        {
            "events": [
              {
                "user_id": "user-123",
                "event_type": "order_placed",
                "payload": { "total": 89.95, "currency": "USD" }
              },
              {
                "user_id": "user-456",
                "event_type": "page_viewed",
                "payload": { "path": "/pricing" }
              }
            ]
          }
        """;

    /// <summary>What the documentation promises; nothing else here is measured.</summary>
    private static readonly TimeSpan Promised = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task Batch_DocumentedExample_IsInTheWarehouseWithin3Seconds()
    {
        var system = await fixture.GetAsync();

        var answer = await system.Api.TrackBatchAsync(DemoKeys.Enterprise.Key, DocumentedBody);

        await Eventually.IsAsync(2, () => system.Warehouse.CountAsync(answer.RequestId), Promised);
    }

    [Fact]
    public async Task Batch_DocumentedExample_IsStoredAsSent()
    {
        var system = await fixture.GetAsync();

        var answer = await system.Api.TrackBatchAsync(DemoKeys.Business.Key, DocumentedBody);

        await Eventually.IsAsync(2, () => system.Warehouse.CountAsync(answer.RequestId));
        Assert.Equal(
            [
                """demo-business live user-123 order_placed { "total": 89.95, "currency": "USD" }""",
                """demo-business live user-456 page_viewed { "path": "/pricing" }""",
            ],
            await system.Warehouse.ColumnAsync(
                $"""
                SELECT concat(project_id, ' ', environment, ' ', user_id, ' ', event_type, ' ', payload)
                FROM events FINAL WHERE request_id = '{answer.RequestId}' ORDER BY user_id
                """));
    }

    [Theory]
    [InlineData("/api/ingestion/track/")]
    [InlineData("/api/ingestion/track")]
    public async Task Single_WithAndWithoutSlash_IsStored(string path)
    {
        var system = await fixture.GetAsync();

        var answer = await system.Api.PostAsync(DemoKeys.Enterprise.Key, path, """{"user_id":"u","event_type":"order_placed"}""");

        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        await Eventually.IsAsync(1, () => system.Warehouse.CountAsync(answer.RequestId));
    }

    [Theory]
    [InlineData("/api/ingestion/track/batch/")]
    [InlineData("/api/ingestion/track/batch")]
    public async Task Batch_WithAndWithoutSlash_IsStored(string path)
    {
        var system = await fixture.GetAsync();

        var answer = await system.Api.PostAsync(DemoKeys.Enterprise.Key, path, DocumentedBody);

        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        await Eventually.IsAsync(2, () => system.Warehouse.CountAsync(answer.RequestId));
    }

    [Fact]
    public async Task Single_Accepted_AnswersTheIdItIsStoredUnder()
    {
        var system = await fixture.GetAsync();
        var id = Guid.NewGuid().ToString();

        var answer = await system.Api.TrackAsync(DemoKeys.Enterprise.Key, $$"""{"user_id":"u","event_type":"order_placed","event_id":"{{id}}"}""");

        Assert.Equal([id], answer.Json.GetProperty("event_ids").EnumerateArray().Select(element => element.GetString()));
        await Eventually.IsAsync(1, () => system.Warehouse.CountAsync(answer.RequestId));
        Assert.Equal([id], await system.Warehouse.ColumnAsync($"SELECT event_id FROM events FINAL WHERE request_id = '{answer.RequestId}'"));
    }

    [Fact]
    public async Task Single_SentTwiceWithOneEventId_CountsOnce()
    {
        var system = await fixture.GetAsync();
        var id = Guid.NewGuid().ToString();
        var body = $$"""{"user_id":"u","event_type":"order_placed","event_id":"{{id}}","occurred_at":"2026-01-02T03:04:05Z"}""";

        await system.Api.TrackAsync(DemoKeys.Enterprise.Key, body);
        var second = await system.Api.TrackAsync(DemoKeys.Enterprise.Key, body);

        await Eventually.IsAsync(1, () => system.Warehouse.CountAsync(second.RequestId));
        Assert.Equal(["1"], await system.Warehouse.ColumnAsync($"SELECT count() FROM events FINAL WHERE event_id = '{id}'"));
    }

    [Fact]
    public async Task Batch_OneBadEvent_StoresTheOthersAndNamesItByIndex()
    {
        var system = await fixture.GetAsync();

        var answer = await system.Api.TrackBatchAsync(DemoKeys.Enterprise.Key,
            """{"events":[{"user_id":"a","event_type":"x"},{"user_id":"b"},{"user_id":"c","event_type":"x"}]}""");

        Assert.Equal(2, answer.Json.GetProperty("accepted").GetInt32());
        Assert.Equal(1, answer.Json.GetProperty("rejected").GetInt32());
        var error = Assert.Single(answer.Json.GetProperty("errors").EnumerateArray());
        Assert.Equal((1, "event_type", "required"),
            (error.GetProperty("index").GetInt32(), error.GetProperty("field").GetString(), error.GetProperty("code").GetString()));
        await Eventually.IsAsync(2, () => system.Warehouse.CountAsync(answer.RequestId));
    }

    [Fact]
    public async Task Batch_OneBadEvent_IsKeptAmongTheIngestionErrors()
    {
        var system = await fixture.GetAsync();

        var answer = await system.Api.TrackBatchAsync(DemoKeys.Enterprise.Key, """{"events":[{"user_id":"a","event_type":"x"},{"user_id":"b"}]}""");

        await Eventually.IsAsync("demo-enterprise required event_type 1", async () => string.Join('|', await system.Warehouse.ColumnAsync(
            $"""
            SELECT concat(project_id, ' ', code, ' ', field, ' ', toString(event_index))
            FROM ingestion_errors FINAL WHERE request_id = '{answer.RequestId}' AND severity = 'error'
            """)));
    }

    [Fact]
    public async Task ContextIdentified_LaterThanAnother_SetsTheUsersTraits()
    {
        var system = await fixture.GetAsync();
        var user = Unique.Name("user-");

        var answer = await system.Api.TrackBatchAsync(DemoKeys.Starter.Key,
            $$"""
            {"events":[
              {"user_id":"{{user}}","event_type":"context_identified","occurred_at":"2026-02-01T00:00:00Z","payload":{"plan":"starter"} },
              {"user_id":"{{user}}","event_type":"context_identified","occurred_at":"2026-01-01T00:00:00Z","payload":{"plan":"free"} }
            ]}
            """);

        await Eventually.IsAsync(2, () => system.Warehouse.CountAsync(answer.RequestId));
        await Eventually.IsAsync("""demo-starter {"plan":"starter"}""", async () => string.Join('|', await system.Warehouse.ColumnAsync(
            $"SELECT concat(project_id, ' ', traits) FROM user_traits WHERE user_id = '{user}'")));
    }

    [Fact]
    public async Task ContextIdentified_WithAnotherTrait_LeavesBoth()
    {
        var system = await fixture.GetAsync();
        var user = Unique.Name("user-");

        foreach (var traits in (string[])["""{"email":"a@b"}""", """{"plan":"pro"}"""])
            await system.Api.TrackAsync(DemoKeys.Starter.Key, $$"""{"user_id":"{{user}}","event_type":"context_identified","payload":{{traits}}}""");

        await Eventually.IsAsync("email a@b, plan pro", async () =>
        {
            var answer = await system.Api.GetAsync(DemoKeys.Starter.Key, $"/api/monitoring/users/{user}");
            return answer.Status == HttpStatusCode.OK
                ? string.Join(", ", answer.Json.GetProperty("traits").EnumerateArray().Select(trait => $"{trait.GetProperty("name")} {trait.GetProperty("value")}"))
                : $"{answer.Code}";
        });
    }

    [Fact]
    public async Task Single_WithTestKey_IsStoredApart()
    {
        var system = await fixture.GetAsync();

        var answer = await system.Api.TrackAsync(DemoKeys.Test.Key, """{"user_id":"u","event_type":"order_placed"}""");

        await Eventually.IsAsync(1, () => system.Warehouse.CountAsync(answer.RequestId));
        Assert.Equal(["test"], await system.Warehouse.ColumnAsync($"SELECT environment FROM events FINAL WHERE request_id = '{answer.RequestId}'"));
    }

    [Fact]
    public async Task Batch_Gzipped_IsStored()
    {
        var system = await fixture.GetAsync();
        using var compressed = new MemoryStream();
        await using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
            await gzip.WriteAsync(Encoding.UTF8.GetBytes(DocumentedBody), TestContext.Current.CancellationToken);

        var answer = await system.Api.PostAsync(DemoKeys.Enterprise.Key, Api.Batch, "", request =>
        {
            request.Content = new ByteArrayContent(compressed.ToArray());
            request.Content.Headers.ContentType = new("application/json");
            request.Content.Headers.ContentEncoding.Add("gzip");
        });

        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        await Eventually.IsAsync(2, () => system.Warehouse.CountAsync(answer.RequestId));
    }

    [Fact]
    public async Task Headers_SpoofedByAClient_ChangeNothing()
    {
        var system = await fixture.GetAsync();

        var answer = await system.Api.PostAsync(DemoKeys.Business.Key, Api.Single, """{"user_id":"u","event_type":"order_placed"}""", request =>
        {
            request.Headers.Add("X-SegOps-Project", "demo-enterprise");
            request.Headers.Add("X-SegOps-Environment", "test");
            request.Headers.Add("X-SegOps-Secret", "guessed");
            request.Headers.Add("X-SegOps-Plan", "enterprise");
        });

        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        await Eventually.IsAsync(1, () => system.Warehouse.CountAsync(answer.RequestId));
        Assert.Equal(["demo-business live"], await system.Warehouse.ColumnAsync(
            $"SELECT concat(project_id, ' ', environment) FROM events FINAL WHERE request_id = '{answer.RequestId}'"));
    }
}

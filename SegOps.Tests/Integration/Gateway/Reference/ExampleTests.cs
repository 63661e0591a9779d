using System.Net;
using System.Text.Json.Nodes;
using SegOps.Tests.Unit.Docs;

namespace SegOps.Tests.Integration.Gateway.Reference;

/// <summary>Sends what the document shows to the real services.</summary>
public sealed class ExampleTests(PublicApi api) : IClassFixture<PublicApi>
{
    public static TheoryData<string, string> Requests =>
        [.. Operations.SelectMany(operation => operation.Examples.Select(example => (operation.Path, example.Name)))];

    public static TheoryData<string> Paths => [.. Operations.Select(operation => operation.Path)];

    /// <summary>Those of Ingestion and Monitoring. Those of Segments are sent by Integration/Segments/OpenApiExampleTests.cs.</summary>
    private static IEnumerable<Operation> Operations => ApiDescription.Operations.Where(static operation => !operation.Path.StartsWith("/api/segments", StringComparison.Ordinal));

    public static TheoryData<string> Queries =>
    [
        "/api/monitoring/health", "/api/monitoring/freshness", "/api/monitoring/events", "/api/monitoring/events?user_id=user-1&event_type=order_placed&limit=1",
        "/api/monitoring/volume", "/api/monitoring/volume?window=24h", "/api/monitoring/volume?window=7d",
        "/api/monitoring/ledger", "/api/monitoring/ledger?window=24h",
        "/api/monitoring/event-types", "/api/monitoring/event-types?window=7d&limit=1", "/api/monitoring/users", "/api/monitoring/users?window=7d",
        "/api/monitoring/user?user_id=user-1", "/api/monitoring/user?user_id=user-1&limit=1",
        "/api/monitoring/usage",
        "/api/monitoring/errors", "/api/monitoring/errors?window=7d&limit=1", "/api/monitoring/warnings",
    ];

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Track_RequestExample_IsAnsweredAsTheDocumentShows(string path, string name)
    {
        var request = ApiDescription.Of(path).Examples.Single(example => example.Name == name).Value;
        var response = ApiDescription.Of(path).Responses.Single(response => response.Status == 202).Response;
        var shown = response["content"]!["application/json"]!["examples"]![name]!["value"]!;

        using var answer = await Documented.PostAsync(api.Gateway, api.Key, path, request.ToJsonString());

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var given = await Documented.AnswerAsync(path, answer);
        Assert.Equal(WithoutIds(shown), WithoutIds(given));
    }

    [Fact]
    public async Task TrackBatch_PrefersRepresentation_IsAnsweredWithTheDocumentedHeaderAndIds()
    {
        const string Path = "/api/ingestion/track/batch/";
        var request = ApiDescription.Of(Path).Examples.Single(example => example.Name == "two_events").Value;

        using var answer = await Documented.PostAsync(
            api.Gateway, api.Key, Path, request.ToJsonString(), sent => sent.Headers.Add("Prefer", "return=representation"));

        Assert.Equal(2, (await Documented.AnswerAsync(Path, answer))["event_ids"]!.AsArray().Count);
        Assert.Equal("return=representation", answer.Headers.GetValues("Preference-Applied").Single());
    }

    [Theory]
    [MemberData(nameof(Queries))]
    public async Task Monitoring_EveryQuery_IsAnsweredAsDocumented(string query)
    {
        using var answer = await api.Gateway.SendAsync(api.Key, query);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await Documented.AnswerAsync(query.Split('?')[0], answer);
    }

    [Fact]
    public async Task Event_InEachState_IsAnsweredAsDocumented()
    {
        foreach (var (state, id) in api.Receipts)
        {
            using var answer = await api.Gateway.SendAsync(api.Key, Documented.EventPath.Replace("{event_id}", $"{id}", StringComparison.Ordinal));

            Assert.Equal(state, (string)(await Documented.AnswerAsync(Documented.EventPath, answer))["state"]!);
        }
    }

    [Fact]
    public async Task Monitoring_UserWithATrait_IsAnsweredAsDocumented()
    {
        using var answer = await api.Gateway.SendAsync(api.Key, Documented.UserPath.Replace("{user_id}", PublicApi.Identified, StringComparison.Ordinal));

        Assert.NotEmpty((await Documented.AnswerAsync(Documented.UserPath, answer))["traits"]!.AsArray());
    }

    [Fact]
    public async Task Monitoring_EventsAnswer_HoldsAnEvent()
    {
        using var answer = await api.Gateway.SendAsync(api.Key, "/api/monitoring/events");

        Assert.NotEmpty((await Documented.AnswerAsync("/api/monitoring/events", answer))["events"]!.AsArray());
    }

    [Fact]
    public async Task Monitoring_ErrorsAnswer_HoldsAGroupAndACursor()
    {
        using var answer = await api.Gateway.SendAsync(api.Key, "/api/monitoring/errors?limit=1");

        var page = await Documented.AnswerAsync("/api/monitoring/errors", answer);
        Assert.NotNull(page["groups"]![0]!["sample"]);
        Assert.NotNull(page["next_cursor"]);
    }

    [Fact]
    public async Task Monitoring_LiveStream_IsAnsweredAsDocumented()
    {
        var streaming = api.Gateway.SendAsync(api.Key, "/api/monitoring/live?user_id=user-1");
        while (!streaming.IsCompleted)
            await api.StoreEventAsync();

        using var answer = await streaming;
        Assert.NotEmpty((await Documented.AnswerAsync("/api/monitoring/live", answer)).AsArray());
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Path_WithAndWithoutItsTrailingSlash_IsServed(string path)
    {
        var method = HttpMethod.Parse(ApiDescription.Of(path).Method);
        var sent = path.TrimEnd('/').Replace("{user_id}", PublicApi.Identified, StringComparison.Ordinal);
        foreach (var spelling in (string[])[sent, sent + "/"])
        {
            using var answer = await api.Gateway.SendAsync(api.Key, spelling, method);
            Assert.Contains(answer.StatusCode, (HttpStatusCode[])[HttpStatusCode.OK, HttpStatusCode.BadRequest]);
        }
    }

    /// <summary>The ids are the server's own, unless the request brought them.</summary>
    private static string WithoutIds(JsonNode answer)
    {
        var copy = answer.DeepClone();
        copy["request_id"] = "";
        if (copy["event_ids"] is JsonArray ids)
            copy["event_ids"] = ids.Count;
        return copy.ToJsonString();
    }
}

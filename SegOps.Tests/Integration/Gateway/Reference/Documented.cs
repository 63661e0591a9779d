using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json.Nodes;
using SegOps.ServiceDefaults.Http;
using SegOps.Tests.Unit.Docs;

namespace SegOps.Tests.Integration.Gateway.Reference;

/// <summary>Checks real answers against the document.</summary>
internal static class Documented
{
    /// <summary>Where an event is, as the document spells its path.</summary>
    public const string EventPath = "/api/ingestion/events/{event_id}";

    /// <summary>What is known of a user, as the document spells its path.</summary>
    public const string UserPath = "/api/monitoring/users/{user_id}";

    /// <summary>A request whose body is JSON.</summary>
    public static Task<HttpResponseMessage> PostAsync(
        GatewayUnderTest gateway, string? key, string path, string body, Action<HttpRequestMessage>? change = null) =>
        gateway.SendAsync(key, path, HttpMethod.Post, request =>
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
            change?.Invoke(request);
        });

    /// <summary>Checks status, media type, headers and body of what <paramref name="path"/> answered, and returns the body.</summary>
    public static Task<JsonNode> AnswerAsync(string path, HttpResponseMessage answer) => AnswerAsync(ApiDescription.Of(path), answer);

    /// <summary>The same for a path that has several methods.</summary>
    public static async Task<JsonNode> AnswerAsync(Operation operation, HttpResponseMessage answer)
    {
        var body = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var status = (int)answer.StatusCode;
        var documented = operation.Responses.Where(response => response.Status == status || response.Status == 0)
            .OrderByDescending(response => response.Status).First().Response;
        var type = answer.Content.Headers.ContentType?.MediaType ?? "";
        Assert.Contains(type, documented["content"]!.AsObject().Select(each => each.Key));
        var content = documented["content"]![type]!;

        var json = type == "text/event-stream" ? await StreamAsync(content, body) : JsonNode.Parse(body)!;
        if (json is not JsonArray)
            Assert.Empty(await ApiDescription.FaultsAsync(content["schema"]!, body));
        foreach (var header in documented["headers"]!.AsObject().Where(header => (bool?)ApiDescription.Resolve(header.Value)["required"] == true))
            Assert.True(answer.Headers.Contains(header.Key), $"{header.Key} is missing: {status} {body}");
        if (type == Problems.ContentType)
            Assert.Contains((string)json["code"]!, content["examples"]!.AsObject().Select(example => example.Key));
        return json;
    }

    /// <summary>Checks each event of a stream against the schema of its type, and returns their data.</summary>
    private static async Task<JsonArray> StreamAsync(JsonNode content, string body)
    {
        var data = new JsonArray();
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(body));
        foreach (var item in SseParser.Create(stream).Enumerate())
        {
            Assert.Empty(await ApiDescription.FaultsAsync(content["x-events"]![item.EventType]!, item.Data));
            data.Add(JsonNode.Parse(item.Data));
        }

        return data;
    }

    /// <summary>Checks that <paramref name="path"/> answered with the problem <paramref name="code"/>.</summary>
    public static async Task ProblemAsync(string code, string path, HttpResponseMessage answer)
    {
        using (answer)
            Assert.Equal(code, (string)(await AnswerAsync(path, answer))["code"]!);
    }
}

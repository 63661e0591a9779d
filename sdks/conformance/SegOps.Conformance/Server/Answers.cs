using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace SegOps.Conformance.Server;

/// <summary>The gateway's answers, as docs/api.md describes them. The pass against the real system compares the two.</summary>
internal static class Answers
{
    /// <summary>In what is not the gateway's answer; an SDK never repeats a body in a log.</summary>
    public const string BodyMarker = "mrkr7f3a-body";

    /// <summary>202 for all events.</summary>
    public static HttpAnswer Accept(Received request) => Partial(request, []);

    /// <summary>202 with the events at these indexes rejected.</summary>
    /// <param name="request">What is answered.</param>
    /// <param name="rejected">The indexes of the rejected events.</param>
    /// <param name="errors">The indexes that the list of errors names, if an event has several errors.</param>
    /// <param name="warned">The indexes that the list of warnings names.</param>
    public static HttpAnswer Partial(Received request, IReadOnlyList<int> rejected, IReadOnlyList<int>? errors = null, IReadOnlyList<int>? warned = null) =>
        Json(202, "Accepted", "application/json", new JsonObject
        {
            ["request_id"] = Guid.CreateVersion7().ToString(),
            ["accepted"] = request.Events.Count - rejected.Count,
            ["rejected"] = rejected.Count,
            ["errors"] = Errors(errors ?? rejected),
            ["warnings"] = new JsonArray([.. (warned ?? []).Select(index => (JsonNode)new JsonObject
            {
                ["index"] = index,
                ["field"] = "event_type",
                ["code"] = "event_type_not_snake_case",
                ["message"] = "event_type should be snake_case, such as order_placed: words of a-z and 0-9 joined by underscores.",
            })]),
        }).With("RateLimit-Policy", "\"minute\";q=10000;w=60").With("RateLimit", "\"minute\";r=9000;t=60") with
        {
            Accepted = [.. request.Ids.Where((_, index) => !rejected.Contains(index))],
        };

    /// <summary>400 <c>validation_failed</c>, which names these events.</summary>
    public static HttpAnswer ValidationFailed(IReadOnlyList<int> rejected) =>
        Problem(400, "validation_failed", "No event of the request is valid.", problem => problem["errors"] = Errors(rejected));

    /// <summary>429 <c>quota_exceeded</c>, until the next month.</summary>
    public static HttpAnswer QuotaExceeded(int remaining) =>
        Problem(429, "quota_exceeded", "The plan's events of this month are used up.", problem => problem["remaining"] = remaining)
            .With("Retry-After", "2678400");

    /// <summary>Problem details with this code.</summary>
    public static HttpAnswer Problem(int status, string code, string title = "The request was refused.", Action<JsonObject>? more = null)
    {
        var problem = new JsonObject
        {
            ["type"] = "https://segops.ai/errors/" + code,
            ["title"] = title,
            ["status"] = status,
            ["code"] = code,
            ["traceId"] = "0af7651916cd43dd8448eb211c80319c",
        };
        more?.Invoke(problem);
        return Json(status, code, "application/problem+json", problem);
    }

    /// <summary>What a proxy in front of the gateway answers.</summary>
    public static HttpAnswer Html(int status, string text) => new(status, "Proxy")
    {
        ContentType = "text/html",
        Body = Encoding.UTF8.GetBytes($"<!doctype html><p>{text} {BodyMarker}</p>"),
    };

    /// <summary>202 with this text as its body.</summary>
    public static HttpAnswer Lie(string body) =>
        new(202, "Accepted") { ContentType = "application/json", Body = Encoding.UTF8.GetBytes(body) };

    /// <summary>202 with these counts.</summary>
    public static HttpAnswer Counts(int accepted, int rejected) => Lie(string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"request_id":"{{Guid.CreateVersion7()}}","accepted":{{accepted}},"rejected":{{rejected}},"errors":[],"warnings":[]}"""));

    private static JsonArray Errors(IReadOnlyList<int> rejected) => new([.. rejected.Select(index => (JsonNode)new JsonObject
    {
        ["index"] = index,
        ["field"] = "user_id",
        ["code"] = "invalid_characters",
        ["message"] = "user_id has a character that is not allowed.",
    })]);

    private static HttpAnswer Json(int status, string reason, string type, JsonObject body) => new(status, reason)
    {
        ContentType = type,
        Body = Encoding.UTF8.GetBytes(body.ToJsonString()),
        Headers = new Dictionary<string, string> { ["X-Trace-Id"] = "0af7651916cd43dd8448eb211c80319c" },
    };
}

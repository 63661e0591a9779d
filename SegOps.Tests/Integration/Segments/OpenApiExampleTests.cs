using System.Text.Json.Nodes;
using SegOps.Contracts;
using SegOps.Segments.Api;
using SegOps.Segments.Membership;
using SegOps.Tests.Integration.Gateway.Reference;
using SegOps.Tests.Unit.Docs;

namespace SegOps.Tests.Integration.Segments;

/// <summary>Sends what the OpenAPI document shows of segments to the real service, and provokes the problems that it shows.</summary>
public sealed class OpenApiExampleTests(StoredSegment stored) : IClassFixture<StoredSegment>
{
    /// <summary>The fault of each kind that the document shows, at the same places.</summary>
    private const string InvalidRule = """{"all":[{"type":"user_property","property":"plan","operator":"is"},{"any":[]}]}""";

    /// <summary>Problems of segments that one request provokes. The others are those of every path, or need a server that is unavailable.</summary>
    private static readonly string[] Provoked =
    [
        ErrorCodes.InvalidRule, ErrorCodes.MalformedJson, ErrorCodes.InvalidParameter, ErrorCodes.BodyTooLarge, ErrorCodes.SegmentNotFound, ErrorCodes.SegmentChanged,
        ErrorCodes.PreconditionRequired, ErrorCodes.SegmentInUse, ErrorCodes.TooManySegments, ErrorCodes.TooManyPreviews, ErrorCodes.EventNotStored, ErrorCodes.CursorExpired,
    ];

    private static IEnumerable<Operation> Operations => ApiDescription.Operations.Where(static operation => operation.Path.StartsWith("/api/segments/", StringComparison.Ordinal));

    /// <summary>Each operation with each media type of its answer.</summary>
    public static TheoryData<string, string, string> Requests =>
    [
        .. from operation in Operations
           from type in Success(operation).Response["content"]?.AsObject().Select(static content => content.Key) ?? [""]
           select (operation.Method, operation.Path, type),
    ];

    /// <summary>Each operation with each problem that it documents.</summary>
    public static TheoryData<string, string, string> Problems =>
        [.. from operation in Operations from problem in ProblemsOf(operation) select (operation.Method, operation.Path, problem.Key)];

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Request_Example_IsAnsweredAsTheDocumentShows(string method, string path, string type)
    {
        var operation = ApiDescription.Of(method, path);
        var (status, response) = Success(operation);
        var request = await ExampleRequest.OfAsync(operation, stored);

        using var answer = await request.SendAsync(stored.Gateway, type);

        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True((int)answer.StatusCode == status, text);
        Assert.Equal(type, answer.Content.Headers.ContentType?.MediaType ?? "");
        if (type.Length == 0)
            return;
        var shown = Names(type, response["content"]![type]!["examples"]!.AsObject().Single().Value!["value"]!);
        var given = Names(type, type == "application/json" ? await Documented.AnswerAsync(operation, answer) : text);
        if (type == "application/x-ndjson") // It shows lines of several answers.
            Assert.Subset(shown, given);
        else
            Assert.Equal(shown.Order(), given.Order());
    }

    [Theory]
    [MemberData(nameof(Problems))]
    public async Task Request_WithAFault_IsTheProblemThatTheDocumentShows(string method, string path, string code)
    {
        var operation = ApiDescription.Of(method, path);
        var request = await ExampleRequest.OfAsync(operation, stored);
        var shown = ProblemsOf(operation)[code].ToJsonString();
        var replaced = await BreakAsync(request, code);

        using var answer = await request.SendAsync(stored.Gateway, "application/json");

        var given = await Documented.AnswerAsync(operation, answer);
        Assert.Equal(Comparable(JsonNode.Parse(shown.Replace("019819f3-7c1a-7b1c-8f02-6d1b9f3a2c41", replaced, StringComparison.Ordinal))!), Comparable(given));
    }

    private static (int Status, JsonObject Response) Success(Operation operation) => operation.Responses.Single(static response => response.Status is >= 200 and < 300);

    private static Dictionary<string, JsonNode> ProblemsOf(Operation operation) => operation.Responses.Where(static response => response.Status is 0 or >= 400)
        .SelectMany(static response => response.Response["content"]!["application/problem+json"]!["examples"]!.AsObject())
        .Where(static example => Provoked.Contains(example.Key))
        .ToDictionary(static example => example.Key, static example => example.Value!["value"]!);

    /// <summary>Makes the request faulty, and returns the id that the problem names.</summary>
    private async Task<string> BreakAsync(ExampleRequest request, string code)
    {
        switch (code)
        {
            case ErrorCodes.InvalidRule: request.Body!["rule"] = JsonNode.Parse(InvalidRule); break;
            case ErrorCodes.MalformedJson: request.Text = "{"; break;
            case ErrorCodes.InvalidParameter when request.Body is not null: request.Body["name"] = ""; break;
            case ErrorCodes.InvalidParameter: (request.Query["limit"], request.Query["as_of"]) = ("0", "0"); break;
            case ErrorCodes.BodyTooLarge: request.Text = new string(' ', SegmentBody.MaxBytes) + "{}"; break;
            case ErrorCodes.SegmentNotFound: request.Id = Guid.NewGuid(); break;
            case ErrorCodes.SegmentChanged: request.IfMatch = "\"7\""; break;
            case ErrorCodes.PreconditionRequired: request.IfMatch = null; break;
            case ErrorCodes.SegmentInUse: return $"{await stored.Segments.CreateAsync(SegmentsUnderTest.Reference(request.Id))}";
            case ErrorCodes.TooManySegments: request.Key = await stored.FullAsync(); break;
            case ErrorCodes.TooManyPreviews: request.Key = await stored.BusyAsync(); break;
            case ErrorCodes.EventNotStored when request.Body is not null: request.Body["after_event"] = Guid.NewGuid(); break;
            case ErrorCodes.EventNotStored: request.Query["after_event"] = $"{Guid.NewGuid()}"; break;
            case ErrorCodes.CursorExpired: request.Query["cursor"] = $"{new Cursor(1, 1_000_000, 0, "user-1")}"; break;
        }
        return "";
    }

    /// <summary>Without what is different in each answer. What is wrong with a parameter depends on the parameter.</summary>
    private static string Comparable(JsonNode problem)
    {
        foreach (var name in (string[])["traceId", .. (string)problem["code"]! == ErrorCodes.InvalidParameter ? ["detail"] : Array.Empty<string>()])
            problem.AsObject().Remove(name);
        return problem.ToJsonString();
    }

    /// <summary>The names of everything that an answer has: members with their places, or columns. Other tests create segments with other rules.</summary>
    private static HashSet<string> Names(string type, JsonNode answer) => type switch
    {
        "application/json" => [.. Names(answer)],
        "text/csv" => [.. ((string)answer!).Split("\r\n")[0].Split(',')],
        _ => [.. ((string)answer!).Split('\n', StringSplitOptions.RemoveEmptyEntries).SelectMany(static line => Names(JsonNode.Parse(line)))],
    };

    private static IEnumerable<string> Names(JsonNode? node, string place = "") => node switch
    {
        JsonObject found => found.SelectMany(member => Names(member.Key == "rule" ? null : member.Value, $"{place}.{member.Key}").Prepend($"{place}.{member.Key}")),
        JsonArray items => items.SelectMany(item => Names(item, place)),
        _ => [],
    };
}

using System.Text;
using System.Text.Json.Nodes;
using SegOps.Tests.Integration.Gateway;
using SegOps.Tests.Unit.Docs;

namespace SegOps.Tests.Integration.Segments;

/// <summary>A request as the OpenAPI document shows it, for a segment that exists. Tests make it faulty.</summary>
internal sealed class ExampleRequest
{
    private readonly Operation _operation;
    private readonly string? _user;

    private ExampleRequest(Operation operation, string? user) => (_operation, _user) = (operation, user);

    public required string Key { get; set; }

    public required Guid Id { get; set; }

    public string? IfMatch { get; set; }

    public JsonObject? Body { get; init; }

    /// <summary>Is sent instead of <see cref="Body"/>.</summary>
    public string? Text { get; set; }

    public Dictionary<string, string> Query { get; } = [];

    public static async Task<ExampleRequest> OfAsync(Operation operation, StoredSegment stored)
    {
        var shown = (operation.Json["parameters"]?.AsArray() ?? []).Where(static parameter => parameter!["example"] is not null).ToLookup(
            static parameter => (string)parameter!["in"]!, static parameter => (Name: (string)parameter!["name"]!, Value: (string)parameter["example"]!));
        var request = new ExampleRequest(operation, shown["path"].LastOrDefault().Value)
        {
            Key = stored.Key,
            Id = operation.Method == "GET" ? stored.Id : await stored.Segments.CreateAsync(), // The others change it.
            IfMatch = shown["header"].SingleOrDefault().Value,
            Body = operation.Examples.SingleOrDefault().Value?.DeepClone().AsObject(),
        };
        foreach (var (name, value) in shown["query"])
            request.Query[name] = value;
        if (operation.Path.EndsWith("/changes", StringComparison.Ordinal))
            request.Query["cursor"] = stored.Cursor;
        if (operation.Method == "GET")
            request.Query["limit"] = "1"; // So that there is a next page.
        return request;
    }

    public Task<HttpResponseMessage> SendAsync(GatewayUnderTest gateway, string accept)
    {
        var path = _operation.Path.Replace("{id}", $"{Id}", StringComparison.Ordinal).Replace("{user_id}", _user, StringComparison.Ordinal);
        var query = string.Join('&', Query.Select(static parameter => $"{parameter.Key}={Uri.EscapeDataString(parameter.Value)}"));
        return gateway.SendAsync(Key, $"{path}?{query}", HttpMethod.Parse(_operation.Method), request =>
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
            if (IfMatch is not null)
                request.Headers.TryAddWithoutValidation("If-Match", IfMatch);
            if ((Text ?? Body?.ToJsonString()) is { } body)
                request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        });
    }
}

using System.Text.Json.Nodes;
using NJsonSchema;

namespace SegOps.Tests.Unit.Docs;

/// <summary>The OpenAPI document of the public API, as the build embeds it.</summary>
internal static class ApiDescription
{
    public static readonly string Text = Repository.Read("SegOps.Gateway/Reference/openapi.json");
    public static readonly JsonObject Root = JsonNode.Parse(Text)!.AsObject();

    public static JsonObject Schemas => Root["components"]!["schemas"]!.AsObject();

    public static IEnumerable<Operation> Operations =>
        from path in Root["paths"]!.AsObject()
        from method in path.Value!.AsObject()
        select new Operation(path.Key, method.Key.ToUpperInvariant(), method.Value!.AsObject());

    /// <summary>The operation of <paramref name="path"/>.</summary>
    public static Operation Of(string path) => Operations.Single(operation => operation.Path == path);

    /// <summary>The operation of <paramref name="path"/> with this method.</summary>
    public static Operation Of(string method, string path) => Operations.Single(operation => operation.Path == path && operation.Method == method);

    /// <summary>Follows a <c>$ref</c>, if it is one.</summary>
    public static JsonObject Resolve(JsonNode? node)
    {
        var found = node!.AsObject();
        return found["$ref"] is { } reference ? Find((string)reference!) ?? throw new InvalidOperationException($"{reference} leads nowhere.") : found;
    }

    /// <summary>What <paramref name="reference"/> points to; null when there is nothing.</summary>
    public static JsonObject? Find(string reference) =>
        reference.Split('/').Skip(1).Aggregate<string, JsonNode?>(Root, (node, name) => node?[name])?.AsObject();

    /// <summary>Every object anywhere in the document.</summary>
    public static IEnumerable<JsonObject> Objects(JsonNode? node) => node switch
    {
        JsonObject found => found.SelectMany(member => Objects(member.Value)).Prepend(found),
        JsonArray items => items.SelectMany(Objects),
        _ => [],
    };

    /// <summary>What of <paramref name="json"/> is not as <paramref name="schema"/> says; a member that it does not name is a fault as well.</summary>
    public static async Task<string[]> FaultsAsync(JsonNode schema, string json)
    {
        var closed = new JsonObject { ["allOf"] = new JsonArray(schema.DeepClone()), ["definitions"] = Schemas.DeepClone() };
        foreach (var part in Objects(closed["definitions"]).ToList())
        {
            part.Remove("x-enumDescriptions"); // The checker knows the name, but as a list.
            // In a list of members, one can have the name "properties".
            if (part["properties"] is JsonObject members && members.All(static member => member.Value is JsonObject) && part["additionalProperties"] is null)
                part["additionalProperties"] = false;
        }

        var text = closed.ToJsonString().Replace("#/components/schemas/", "#/definitions/", StringComparison.Ordinal);
        var checker = await JsonSchema.FromJsonAsync(text, TestContext.Current.CancellationToken);
        return [.. checker.Validate(json).Select(fault => fault.ToString())];
    }
}

/// <summary>One method of one path.</summary>
internal sealed record Operation(string Path, string Method, JsonObject Json)
{
    /// <summary>Each response with its status, or 0 for all others.</summary>
    public IEnumerable<(int Status, JsonObject Response)> Responses => Json["responses"]!.AsObject()
        .Select(response => (response.Key == "default" ? 0 : int.Parse(response.Key, System.Globalization.CultureInfo.InvariantCulture), ApiDescription.Resolve(response.Value)));

    /// <summary>The request examples by name.</summary>
    public IEnumerable<(string Name, JsonNode Value)> Examples =>
        (Json["requestBody"]?["content"]!["application/json"]!["examples"]!.AsObject() ?? []).Select(example => (example.Key, example.Value!["value"]!));
}

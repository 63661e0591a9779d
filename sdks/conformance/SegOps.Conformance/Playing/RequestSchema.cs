using System.Text;
using System.Text.Json.Nodes;
using NJsonSchema;
using SegOps.Conformance.Sdks;
using SegOps.Conformance.Server;

namespace SegOps.Conformance.Playing;

/// <summary>Checks bodies against openapi.json. A member that it does not name is a fault, because the server would not store it.</summary>
internal static class RequestSchema
{
    private static readonly JsonObject Schemas = JsonNode.Parse(Resources.Read("openapi.json"))!["components"]!["schemas"]!.AsObject();
    private static readonly Dictionary<string, int> Longest = TakeLengths();
    private static readonly JsonSchema Schema = Read();

    public static IEnumerable<string> Faults(Received request) =>
    [
        .. Schema.Validate(Encoding.UTF8.GetString(request.Body)).Select(fault => $"The request is not as openapi.json says: {fault}"),
        .. from each in request.Events
           from longest in Longest
           let length = each.Json.Text(longest.Key)?.EnumerateRunes().Count()
           where length > longest.Value
           select $"{longest.Key} has {length} characters.",
    ];

    /// <summary>Takes the lengths out of the schema of events: its checker counts a character of 4 bytes as two.</summary>
    private static Dictionary<string, int> TakeLengths()
    {
        var lengths = new Dictionary<string, int>();
        foreach (var (name, property) in Schemas["Event"]!["properties"]!.AsObject())
        {
            if (property!.AsObject().Remove("maxLength", out var longest))
                lengths[name] = (int)longest!;
        }

        return lengths;
    }

    private static JsonSchema Read()
    {
        var closed = new JsonObject
        {
            ["allOf"] = new JsonArray(Schemas["Batch"]!.DeepClone()),
            ["definitions"] = new JsonObject { ["Event"] = Schemas["Event"]!.DeepClone() },
        };
        foreach (var part in (JsonNode[])[closed["allOf"]![0]!, closed["definitions"]!["Event"]!])
            part["additionalProperties"] = false;
        var text = closed.ToJsonString().Replace("#/components/schemas/", "#/definitions/", StringComparison.Ordinal);
        return JsonSchema.FromJsonAsync(text).GetAwaiter().GetResult();
    }
}

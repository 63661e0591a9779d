using System.Text.Json.Serialization;

namespace SegOps.ServiceDefaults.Http;

/// <summary>An error answer: RFC 9457 problem details with our stable code and the trace to look for.</summary>
public class Problem
{
    /// <summary>A URI that identifies the kind of problem.</summary>
    [JsonPropertyOrder(-6)]
    public required string Type { get; init; }

    /// <summary>The kind of problem, for people; the same for every occurrence.</summary>
    [JsonPropertyOrder(-5)]
    public required string Title { get; init; }

    /// <summary>The HTTP status.</summary>
    [JsonPropertyOrder(-4)]
    public required int Status { get; init; }

    /// <summary>What is wrong with this request and how to mend it.</summary>
    [JsonPropertyOrder(-3)]
    public string? Detail { get; init; }

    /// <summary>The stable code, one of <see cref="ErrorCatalog.Codes"/>.</summary>
    [JsonPropertyOrder(-2)]
    public required string Code { get; init; }

    /// <summary>The W3C trace id that finds this request in traces and logs.</summary>
    [JsonPropertyOrder(-1), JsonPropertyName("traceId")]
    public required string TraceId { get; init; }
}

/// <summary>Serialisation of <see cref="Problem"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Problem))]
public sealed partial class ProblemJson : JsonSerializerContext;

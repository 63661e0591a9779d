using System.Text.Json.Serialization;
using SegOps.Contracts;
using SegOps.Ingestion.Requests;
using SegOps.ServiceDefaults.Http;

namespace SegOps.Ingestion.Track;

/// <summary>The body of a 202: the published and the refused events.</summary>
internal sealed class TrackAnswer
{
    /// <summary>Identifies the request in logs, in the stored rows and in the list of errors.</summary>
    public required Guid RequestId { get; init; }

    /// <summary>The number of published events.</summary>
    public required int Accepted { get; init; }

    /// <summary>The number of refused events, whose errors are in <see cref="Errors"/>.</summary>
    public required int Rejected { get; init; }

    /// <summary>The ids of the accepted events, in order; null if the client did not request them.</summary>
    public IReadOnlyList<Guid>? EventIds { get; init; }

    /// <summary>All errors of all refused events.</summary>
    public required IReadOnlyList<ValidationError> Errors { get; init; }

    /// <summary>Probable mistakes in accepted events: at most <see cref="Parsing.WarningCollector.MaxListed"/> entries.</summary>
    public required IReadOnlyList<EventWarning> Warnings { get; init; }
}

/// <summary>The problem <see cref="ErrorCodes.ValidationFailed"/>, with each event's errors.</summary>
internal sealed class ValidationProblem : Problem
{
    /// <summary>As in <see cref="TrackAnswer"/>.</summary>
    public required Guid RequestId { get; init; }

    /// <summary>As in <see cref="TrackAnswer"/>.</summary>
    public required IReadOnlyList<ValidationError> Errors { get; init; }
}

/// <summary>Serialisation of the answers.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Default)]
[JsonSerializable(typeof(TrackAnswer))]
[JsonSerializable(typeof(ValidationProblem))]
internal sealed partial class TrackJson : JsonSerializerContext;

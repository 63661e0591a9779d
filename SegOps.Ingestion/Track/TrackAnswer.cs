using System.Text.Json.Serialization;
using SegOps.Contracts;
using SegOps.ServiceDefaults.Http;

namespace SegOps.Ingestion.Track;

/// <summary>Body of the 202: what was published and what was not.</summary>
internal sealed class TrackAnswer
{
    /// <summary>Names the request in logs, in the stored rows and in the list of errors.</summary>
    public required Guid RequestId { get; init; }

    /// <summary>How many events were published.</summary>
    public required int Accepted { get; init; }

    /// <summary>How many events were refused; <see cref="Errors"/> says why.</summary>
    public required int Rejected { get; init; }

    /// <summary>The ids of the accepted events, in their order; null when the client did not ask.</summary>
    public IReadOnlyList<Guid>? EventIds { get; init; }

    /// <summary>Every fault of every refused event.</summary>
    public required IReadOnlyList<EventFault> Errors { get; init; }

    /// <summary>What looks like a mistake in accepted events: at most <see cref="TrackWarnings.MaxListed"/> entries.</summary>
    public required IReadOnlyList<TrackWarning> Warnings { get; init; }
}

/// <summary>The problem <see cref="ErrorCodes.ValidationFailed"/>, with each event's faults.</summary>
internal sealed class ValidationProblem : Problem
{
    /// <summary>As in <see cref="TrackAnswer"/>.</summary>
    public required Guid RequestId { get; init; }

    /// <summary>As in <see cref="TrackAnswer"/>.</summary>
    public required IReadOnlyList<EventFault> Errors { get; init; }
}

/// <summary>Serialisation of the answers.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Default)]
[JsonSerializable(typeof(TrackAnswer))]
[JsonSerializable(typeof(ValidationProblem))]
internal sealed partial class TrackJson : JsonSerializerContext;

using System.Collections.ObjectModel;
using CommunityToolkit.HighPerformance.Buffers;

namespace SegOps.Ingestion.Requests;

/// <summary>The outcome of parsing a body: exactly one of the two is set.</summary>
/// <param name="Request">The events; the caller disposes of it.</param>
/// <param name="Error">Why the request is refused as a whole.</param>
internal readonly record struct ParseResult(ParsedRequest? Request, RequestError? Error);

/// <summary>The valid events of a request as rows, and everything that is known about the others.</summary>
/// <param name="rows">The rows of the valid events; disposed of with this.</param>
internal sealed class ParsedRequest(ArrayPoolBufferWriter<byte> rows) : IDisposable
{
    /// <summary>The values that the events share.</summary>
    public required RequestMetadata Metadata { get; init; }

    /// <summary>The valid events, one JSON object a line.</summary>
    public ReadOnlySpan<byte> Rows => rows.WrittenSpan;

    /// <summary>How many events are accepted.</summary>
    public required int Accepted { get; init; }

    /// <summary>How many events are refused.</summary>
    public required int Rejected { get; init; }

    /// <summary>The ids of the valid events, in their order.</summary>
    public required IReadOnlyList<Guid> EventIds { get; init; }

    /// <summary>Whether a client chose one of <see cref="EventIds"/>, so that an id can occur twice.</summary>
    public required bool HasClientIds { get; init; }

    /// <summary>How many different events are accepted: a batch can hold an id twice, which is one event.</summary>
    public int DistinctAccepted => !HasClientIds || Accepted <= 1 ? Accepted : EventIds.Distinct().Count();

    /// <summary>Every error of every refused event, in the events' order.</summary>
    public required IReadOnlyList<ValidationError> Errors { get; init; }

    /// <summary>The ids of those refused events that have a valid one, by their positions.</summary>
    public IReadOnlyDictionary<int, Guid> RejectedIds { get; init; } = ReadOnlyDictionary<int, Guid>.Empty;

    /// <summary>Masked samples of refused events, by their positions in <see cref="Errors"/>.</summary>
    public IReadOnlyDictionary<int, byte[]> Samples { get; init; } = ReadOnlyDictionary<int, byte[]>.Empty;

    /// <summary>The first warnings about accepted events, for the answer.</summary>
    public IReadOnlyList<EventWarning> Warnings { get; init; } = [];

    /// <summary>Each kind of warning once, with its number of occurrences; complete where <see cref="Warnings"/> is cut off.</summary>
    public IReadOnlyList<WarningTotal> WarningTotals { get; init; } = [];

    /// <inheritdoc/>
    public void Dispose() => rows.Dispose();
}

using System.Collections.ObjectModel;
using CommunityToolkit.HighPerformance.Buffers;

namespace SegOps.Ingestion.Requests;

/// <summary>The result of parsing a body: exactly one of the two is set.</summary>
/// <param name="Request">The events; the caller disposes of it.</param>
/// <param name="Error">The error of the whole request.</param>
internal readonly record struct ParseResult(ParsedRequest? Request, RequestError? Error);

/// <summary>The valid events of a request as rows, and the errors of the others.</summary>
/// <param name="rows">The rows of the valid events; disposed of with this.</param>
internal sealed class ParsedRequest(ArrayPoolBufferWriter<byte> rows) : IDisposable
{
    /// <summary>The values shared by all events.</summary>
    public required RequestMetadata Metadata { get; init; }

    /// <summary>The valid events, one JSON object per line.</summary>
    public ReadOnlySpan<byte> Rows => rows.WrittenSpan;

    /// <summary>The number of accepted events.</summary>
    public required int Accepted { get; init; }

    /// <summary>The number of refused events.</summary>
    public required int Rejected { get; init; }

    /// <summary>The ids of the valid events, in order.</summary>
    public required IReadOnlyList<Guid> EventIds { get; init; }

    /// <summary>Whether one of the valid events is late: see <see cref="Contracts.Streams.LateBefore"/>.</summary>
    public bool HasLateEvents { get; init; }

    /// <summary>Whether a client chose one of <see cref="EventIds"/>, so that an id can occur twice.</summary>
    public required bool HasClientIds { get; init; }

    /// <summary>The number of distinct accepted ids. A batch can contain an id twice.</summary>
    public int DistinctAccepted => !HasClientIds || Accepted <= 1 ? Accepted : EventIds.Distinct().Count();

    /// <summary>All errors of all refused events, in the order of the events.</summary>
    public required IReadOnlyList<ValidationError> Errors { get; init; }

    /// <summary>The valid ids of refused events, by their positions.</summary>
    public IReadOnlyDictionary<int, Guid> RejectedIds { get; init; } = ReadOnlyDictionary<int, Guid>.Empty;

    /// <summary>Masked samples of refused events, by their positions in <see cref="Errors"/>.</summary>
    public IReadOnlyDictionary<int, byte[]> Samples { get; init; } = ReadOnlyDictionary<int, byte[]>.Empty;

    /// <summary>The first warnings about accepted events, for the answer.</summary>
    public IReadOnlyList<EventWarning> Warnings { get; init; } = [];

    /// <summary>Each kind of warning once, with its number of occurrences; complete even if <see cref="Warnings"/> is truncated.</summary>
    public IReadOnlyList<WarningTotal> WarningTotals { get; init; } = [];

    /// <inheritdoc/>
    public void Dispose() => rows.Dispose();
}

using SegOps.Ingestor.Streaming;

namespace SegOps.Ingestor.Replay;

/// <summary>A dead letter and the rows to send for it.</summary>
internal sealed record ReplayItem(Letter Letter, StreamTarget Target, IReadOnlyList<ReplayRow> Rows)
{
    /// <summary>Whether all its rows are among <paramref name="stored"/>.</summary>
    public bool IsWithin(HashSet<Guid> stored) => Rows.All(row => stored.Contains(row.Id));
}

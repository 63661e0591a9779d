using SegOps.Bench.Reporting;

namespace SegOps.Bench.Chaos;

/// <summary>What a segment's readers see when no user enters or leaves any more.</summary>
/// <param name="Segment">The project and what the segment is about.</param>
/// <param name="Changes">Its changes. Without any, nothing was tested.</param>
/// <param name="ByTime">The changes for which there was no event.</param>
/// <param name="Counts">The changes that alternate for their user and that a client saw who followed them, and the members by each way to count them.</param>
internal sealed record SegmentComparison(string Segment, int Changes, int ByTime, IReadOnlyList<ExactCount> Counts)
{
    internal bool Holds => Changes > 0 && Counts.All(count => count.IsExact);

    internal static Table Report(IReadOnlyList<SegmentComparison> comparisons)
    {
        var table = new Table(["segment", "changes", "by time", .. comparisons[0].Counts.Select(count => count.What)]);
        foreach (var of in comparisons)
            table.Add([of.Segment, $"{of.Changes}", $"{of.ByTime}", .. of.Counts.Select(count => (Cell)$"{count.Actual} of {count.Expected}")]);
        return table;
    }
}

using SegOps.Warehouse;

namespace SegOps.Segments.Membership;

/// <summary>A segment whose members are stored.</summary>
/// <param name="Id">The segment.</param>
/// <param name="Place">Where it is.</param>
/// <param name="Hash">The hash of the rule by which they were computed.</param>
/// <param name="Members">Their number.</param>
internal sealed record ComputedSegment(Guid Id, Place Place, string Hash, long Members);

/// <summary>Reads and removes what is stored of segments.</summary>
internal sealed class ComputedSegments(Statements statements)
{
    /// <summary>The tables with rows of segments. The last one names the segments, so that a removal that fails is repeated.</summary>
    private static readonly string[] Tables = ["segment_changes", "user_segments", "segment_members", "segment_computed"];

    /// <summary>The computed segments of all projects.</summary>
    internal Task<List<ComputedSegment>> AllAsync(CancellationToken cancellationToken) => ReadAsync("1", cancellationToken);

    /// <summary>The computed segments of a place.</summary>
    internal Task<List<ComputedSegment>> OfAsync(Place place, CancellationToken cancellationToken) => ReadAsync(Statements.Of(place), cancellationToken);

    /// <summary>The largest number of a pass or computation that is stored.</summary>
    internal async Task<ulong> LastNumberAsync(CancellationToken cancellationToken) => (await statements.ReadAsync(
        """
        SELECT max(number) FROM
        (
            SELECT max(pass) AS number FROM segment_flips
            UNION ALL SELECT max(pass) FROM segment_passes
            UNION ALL SELECT max(pass) FROM segment_computed
            UNION ALL SELECT max(computation) FROM segment_results
        )
        """, static row => (ulong)row.Number(0), cancellationToken))[0];

    /// <summary>Removes the rows of a segment that was deleted.</summary>
    internal async Task RemoveAsync(ComputedSegment segment, CancellationToken cancellationToken)
    {
        foreach (var table in Tables)
            await statements.RunAsync($"DELETE FROM {table} WHERE {Statements.Of(segment.Place)} AND segment_id = toUUID('{segment.Id}')", cancellationToken);
    }

    private Task<List<ComputedSegment>> ReadAsync(string where, CancellationToken cancellationToken) => statements.ReadAsync(
        $"SELECT project_id, environment, segment_id, rule_hash, members FROM segment_computed FINAL WHERE {where}",
        static row => new ComputedSegment(row.GetGuid(2), new(row.GetString(0), row.GetString(1)), row.GetString(3), row.Number(4)), cancellationToken);
}

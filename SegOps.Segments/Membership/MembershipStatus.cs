using SegOps.ServiceDefaults.Redis;
using SegOps.Warehouse;

namespace SegOps.Segments.Membership;

/// <summary>How current the members of a segment are.</summary>
/// <param name="Count">Their number.</param>
/// <param name="ComputedAt">Changes until this time are in them.</param>
/// <param name="Lag">The time since.</param>
/// <param name="Hash">The hash of the rule by which they were computed; null if they never were.</param>
/// <param name="Failure">Why the segment could not be computed, one of <see cref="FailureReasons"/>; null if it was.</param>
internal sealed record SegmentStatus(long? Count, DateTimeOffset? ComputedAt, TimeSpan Lag, string? Hash, string? Failure)
{
    private static readonly TimeSpan MaxLag = TimeSpan.FromSeconds(10);

    /// <summary><c>computing</c> until its members are known, <c>stale</c> if they lag behind, else <c>ready</c>.</summary>
    internal string State => this switch
    {
        { Count: null, Failure: null } => "computing",
        { Failure: null } when Lag <= MaxLag => "ready",
        _ => "stale",
    };
}

/// <summary>Reads how current segments are, on any instance.</summary>
internal sealed class MembershipStatus(ComputedSegments computed, RedisConnection redis, Statements statements, TimeProvider clock)
{
    /// <summary>The status of each segment of a place that is computed or failed. A segment that is missing is computed for the first time.</summary>
    /// <exception cref="RedisUnavailableException">Redis did not answer.</exception>
    /// <exception cref="WarehouseUnavailableException">ClickHouse did not answer.</exception>
    internal async Task<IReadOnlyDictionary<Guid, SegmentStatus>> ReadAsync(Place place, CancellationToken cancellationToken)
    {
        var progress = await PassLeader.ProgressAsync(redis);
        var segments = (await computed.OfAsync(place, cancellationToken)).ToDictionary(static segment => segment.Id);
        var until = progress?.Behind.FirstOrDefault(behind => behind.Project == place.Project && behind.Environment == place.Environment)?.Since ?? progress?.CheckedAt;
        var failing = (progress?.Failing ?? []).Where(static failing => failing.IsStale).ToDictionary(static failing => failing.Id);
        var now = clock.GetUtcNow();
        return segments.Keys.Concat(failing.Keys).Distinct().ToDictionary(static id => id, id =>
        {
            var failure = failing.GetValueOrDefault(id);
            var at = failure is not null && failure.Since < until ? failure.Since : until;
            var known = segments.GetValueOrDefault(id);
            return new SegmentStatus(known?.Members, known is null ? null : at, at < now ? now - at.Value : TimeSpan.Zero, known?.Hash, failure?.Reason);
        });
    }

    /// <summary>The last closed pass of a place, as a cursor behind it.</summary>
    internal async Task<Cursor> ClosedAsync(Place place, CancellationToken cancellationToken) => (await statements.ReadAsync(
        $"SELECT max(pass), toUnixTimestamp64Micro(argMax(as_of, pass)) FROM segment_passes WHERE {Statements.Of(place)}",
        static row => new Cursor((ulong)row.Number(0), row.Number(1), 0, null), cancellationToken))[0];
}

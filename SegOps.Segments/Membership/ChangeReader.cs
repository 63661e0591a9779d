using SegOps.Warehouse;

namespace SegOps.Segments.Membership;

/// <summary>A user entered or left a segment.</summary>
/// <param name="UserId">The user.</param>
/// <param name="Entered">Whether the user entered.</param>
/// <param name="At">When it was found.</param>
/// <param name="Reason"><c>data</c>, <c>time</c>, <c>rule</c> or <c>repair</c>.</param>
/// <param name="Cursor">The place behind this change.</param>
internal sealed record MemberChange(string UserId, bool Entered, DateTimeOffset At, string Reason, Cursor Cursor);

/// <summary>Changes, and the cursor of those that follow.</summary>
internal sealed record MemberChanges(IReadOnlyList<MemberChange> Changes, Cursor Next);

/// <summary>Reads the change stream: each change of closed passes once, in the order of passes.</summary>
internal sealed class ChangeReader(Statements statements, MembershipStatus status, TimeProvider clock)
{
    /// <summary>For how long changes are kept.</summary>
    internal static readonly TimeSpan Kept = TimeSpan.FromDays(90);

    /// <summary>Reads the changes after a cursor.</summary>
    /// <param name="place">The segment's place.</param>
    /// <param name="segment">The segment.</param>
    /// <param name="cursor">The cursor; null to begin now.</param>
    /// <param name="limit">Maximum changes.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <exception cref="CursorExpiredException">Changes after the cursor may have been removed.</exception>
    internal async Task<MemberChanges> AfterAsync(Place place, Guid segment, Cursor? cursor, int limit, CancellationToken cancellationToken)
    {
        // Read first: a pass that is closed later is not shown, even if its changes are visible.
        var closed = await status.ClosedAsync(place, cancellationToken);
        var end = closed with { At = QueryValues.Micros(clock.GetUtcNow()) };
        if (cursor is null)
            return new([], end);
        if (cursor.AsOf < clock.GetUtcNow() - Kept)
            throw new CursorExpiredException();
        if (closed.Pass < cursor.Pass)
            return new([], cursor);

        var (pass, last) = (Statements.Number(cursor.Pass), Statements.Number(closed.Pass));
        var after = cursor.UserId is null ? $"c.pass > {pass}" : $"c.pass >= {pass} AND (c.pass > {pass} OR user_id > {Statements.Text(cursor.UserId)})";
        var changes = await statements.ReadAsync(
            $"""
            SELECT c.pass, user_id, generation, toUnixTimestamp64Micro(at), toString(reason)
            FROM segment_changes AS c
            WHERE {Statements.Of(place)} AND segment_id = toUUID('{segment}') AND {after} AND c.pass <= {last}
            ORDER BY c.pass, user_id
            LIMIT 1 BY c.pass, user_id
            LIMIT {Statements.Number(limit)}
            """,
            static row => new MemberChange(
                row.GetString(1), row.Number(2) % 2 == 1, QueryValues.Time(row.Number(3)), row.GetString(4), new((ulong)row.Number(0), row.Number(3), 0, row.GetString(1))),
            cancellationToken);
        return new(changes, changes.Count == limit ? changes[^1].Cursor : end);
    }
}

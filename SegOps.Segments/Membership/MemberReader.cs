using SegOps.Warehouse;

namespace SegOps.Segments.Membership;

/// <summary>A member.</summary>
/// <param name="UserId">The user.</param>
/// <param name="Since">Since when. For the first members it is when the segment was computed first.</param>
internal sealed record Member(string UserId, DateTimeOffset Since);

/// <summary>A page of members.</summary>
/// <param name="Members">The members, by user id.</param>
/// <param name="Next">The cursor of the next page; null if this is the last one.</param>
/// <param name="AsOf">The time of the pass to which the pages are pinned.</param>
/// <param name="Count">The number of members when the first page was read.</param>
internal sealed record MemberPage(IReadOnlyList<Member> Members, Cursor? Next, DateTimeOffset AsOf, long Count);

/// <summary>
/// Reads members. Pages are pinned to the pass that was closed when the first page was read: users who entered or left since are put back by their first
/// change after it.
/// </summary>
internal sealed class MemberReader(Statements statements, MembershipStatus status, ComputedSegments computed, TimeProvider clock)
{
    /// <summary>Maximum members of a page.</summary>
    internal const int MaxLimit = 1000;

    /// <summary>For how long pages agree: less than changes are kept.</summary>
    private static readonly TimeSpan Pinned = TimeSpan.FromDays(1);

    /// <summary>Reads a page.</summary>
    /// <exception cref="CursorExpiredException">The first page was read more than a day ago.</exception>
    internal async Task<MemberPage> PageAsync(Place place, Guid segment, Cursor? cursor, int limit, CancellationToken cancellationToken)
    {
        var pin = cursor ?? await PinAsync(place, segment, cancellationToken);
        if (pin.AsOf < clock.GetUtcNow() - Pinned && pin.UserId is not null)
            throw new CursorExpiredException();
        List<Member> members = [];
        var after = pin.UserId;
        while (true)
        {
            var most = limit - members.Count + 1;
            var rows = await RowsAsync(place, segment, pin.Pass, after is null ? "" : $"AND user_id > {Statements.Text(after)}", most, cancellationToken);
            members.AddRange(await CorrectAsync(place, segment, pin.Pass, rows, cancellationToken));
            if (members.Count > limit)
                return new([.. members.Take(limit)], pin with { UserId = members[limit - 1].UserId }, pin.AsOf, pin.Number);
            if (rows.Count < most)
                return new(members, null, pin.AsOf, pin.Number);
            after = rows[^1].UserId;
        }
    }

    /// <summary>Since when a user is a member; null if the user is not.</summary>
    internal async Task<DateTimeOffset?> SinceAsync(Place place, Guid segment, string userId, CancellationToken cancellationToken)
    {
        var pass = (await status.ClosedAsync(place, cancellationToken)).Pass;
        var rows = await RowsAsync(place, segment, pass, $"AND user_id = {Statements.Text(userId)}", 1, cancellationToken);
        return (await CorrectAsync(place, segment, pass, rows, cancellationToken)) is [var member] ? member.Since : null;
    }

    private async Task<Cursor> PinAsync(Place place, Guid segment, CancellationToken cancellationToken)
    {
        var closed = await status.ClosedAsync(place, cancellationToken);
        var count = (await computed.OfAsync(place, cancellationToken)).Find(known => known.Id == segment)?.Members ?? 0;
        return closed with { Number = count };
    }

    /// <summary>Users who are members now, or whose state has changed since the pass.</summary>
    private Task<List<Row>> RowsAsync(Place place, Guid segment, ulong pass, string users, int limit, CancellationToken cancellationToken) => statements.ReadAsync(
        $"""
        SELECT user_id, max(m.generation) AS last, argMax(m.pass, m.generation) AS changed, toUnixTimestamp64Micro(argMax(m.at, m.generation))
        FROM segment_members AS m
        WHERE {Statements.Of(place)} AND segment_id = toUUID('{segment}') {users}
        GROUP BY user_id
        HAVING last % 2 = 1 OR changed > {Statements.Number(pass)}
        ORDER BY user_id
        LIMIT {Statements.Number(limit)}
        """, static row => new Row(row.GetString(0), row.Number(1), (ulong)row.Number(2), row.Number(3)), cancellationToken);

    /// <summary>Replaces the rows that have changed since the pass by the state before their first change after it. Changes are copied before members.</summary>
    private async Task<IReadOnlyList<Member>> CorrectAsync(Place place, Guid segment, ulong pass, List<Row> rows, CancellationToken cancellationToken)
    {
        var changed = rows.Where(row => row.Pass > pass).Select(static row => row.UserId).ToList();
        var before = changed.Count == 0 ? [] : (await statements.ReadAsync(
            $"""
            SELECT user_id, min(c.generation), toUnixTimestamp64Micro(argMin(c.before, c.generation))
            FROM segment_changes AS c
            WHERE {Statements.Of(place)} AND segment_id = toUUID('{segment}') AND c.pass > {Statements.Number(pass)} AND user_id IN {Statements.Texts(changed)}
            GROUP BY user_id
            """, static row => new Row(row.GetString(0), row.Number(1) - 1, 0, row.Number(2)), cancellationToken)).ToDictionary(static row => row.UserId);
        return [.. rows.Select(row => row.Pass <= pass ? row : before.GetValueOrDefault(row.UserId)).OfType<Row>()
            .Where(static row => row.Generation % 2 == 1).Select(static row => new Member(row.UserId, QueryValues.Time(row.At)))];
    }

    private sealed record Row(string UserId, long Generation, ulong Pass, long At);
}

using SegOps.Warehouse;

namespace SegOps.Segments.Membership;

/// <summary>What makes users change.</summary>
internal enum ChangeSource
{
    /// <summary>Rows were inserted. The time is that of ClickHouse.</summary>
    Data,

    /// <summary>A time has come, by the clock of the service.</summary>
    Time,
}

/// <summary>A second in which users changed.</summary>
/// <param name="Source">What changed them.</param>
/// <param name="Second">The second, a Unix time.</param>
internal readonly record struct ChangedSecond(ChangeSource Source, long Second)
{
    /// <summary>Its start.</summary>
    internal DateTimeOffset At => DateTimeOffset.FromUnixTimeSeconds(Second);
}

/// <summary>The rows of all seconds that are compared.</summary>
/// <param name="Now">ClickHouse's time, a Unix time in seconds.</param>
/// <param name="Rows">The rows by place and second.</param>
internal sealed record Changes(long Now, IReadOnlyDictionary<Place, IReadOnlyDictionary<ChangedSecond, long>> Rows);

/// <summary>
/// Finds users who changed. Rows can become visible after later ones, because an insert takes time. So a second is evaluated again when it has more rows
/// than before, for two minutes. A user who changes again has the later second, in which the user is found then.
/// </summary>
internal sealed class ChangedUsers(Statements statements)
{
    /// <summary>For how long seconds are compared, in seconds: longer than an insert takes.</summary>
    internal const long Compared = 120;

    /// <summary>Age in seconds from which on changes may be removed by the TTL of user_changes, which is an hour.</summary>
    internal const long Kept = 45 * 60;

    /// <summary>Counts the rows of each second.</summary>
    /// <param name="secondsFrom">The first second of inserted rows; null for two minutes ago.</param>
    /// <param name="dueFrom">The first second of times that have come.</param>
    /// <param name="now">The time by the clock of the service.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    internal async Task<Changes> FindAsync(long? secondsFrom, DateTimeOffset dueFrom, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var sql = $"""
            SELECT 0, project_id, environment, toUnixTimestamp(second), sum(users)
            FROM user_changes
            WHERE second >= {(secondsFrom is { } from ? $"toDateTime({Statements.Number(from)}, 'UTC')" : $"now() - {Statements.Number(Compared)}")}
            GROUP BY project_id, environment, second
            UNION ALL
            SELECT 1, project_id, environment, toUnixTimestamp(due_at) AS second, count()
            FROM segment_due
            WHERE due_at >= {Statements.Time(dueFrom)} AND due_at <= {Statements.Time(now)}
            GROUP BY project_id, environment, second
            UNION ALL
            SELECT 2, '', '', toUnixTimestamp(now()), 0
            """;
        var rows = await statements.ReadAsync(
            sql, static row => (Kind: row.Number(0), Place: new Place(row.GetString(1), row.GetString(2)), Second: row.Number(3), Rows: row.Number(4)), cancellationToken);
        return new(
            rows.Single(static row => row.Kind == 2).Second,
            rows.Where(static row => row.Kind != 2).GroupBy(static row => row.Place).ToDictionary(
                static place => place.Key,
                static place => (IReadOnlyDictionary<ChangedSecond, long>)place.ToDictionary(static row => new ChangedSecond((ChangeSource)row.Kind, row.Second), static row => row.Rows)));
    }

    /// <summary>A query for the users of a chunk: user_id, and changed as 1 if rows were inserted.</summary>
    internal static string Query(Chunk chunk, DateTimeOffset now)
    {
        List<string> sources = [];
        if (Seconds(ChangeSource.Data) is { Length: > 0 } seconds)
            sources.Add($"SELECT user_id, 1 AS is_changed FROM users WHERE {Statements.Of(chunk.Place)} AND changed_at IN ({seconds})");
        if (Seconds(ChangeSource.Time) is { Length: > 0 } due)
        {
            var (first, last) = (chunk.Seconds.Where(IsDue).Min(static second => second.Second), chunk.Seconds.Where(IsDue).Max(static second => second.Second));
            sources.Add($"""
                SELECT user_id, 0 AS is_changed FROM segment_due
                WHERE due_at >= toDateTime64({Statements.Number(first)}, 6, 'UTC') AND due_at < toDateTime64({Statements.Number(last + 1)}, 6, 'UTC')
                    AND due_at <= {Statements.Time(now)} AND toUnixTimestamp(due_at) IN ({due}) AND {Statements.Of(chunk.Place)}
                """);
        }
        if (chunk.Computation is { } computation)
            sources.Add($"SELECT user_id, 1 AS is_changed FROM segment_results WHERE computation = {Statements.Number(computation)} AND again = 1");
        var part = chunk.Parts == 1 ? "" : $"WHERE sipHash64(user_id) % {Statements.Number(chunk.Parts)} = {Statements.Number(chunk.Part)}";
        return $"SELECT user_id, toUInt8(max(is_changed)) AS changed FROM ({string.Join(" UNION ALL ", sources)}) {part} GROUP BY user_id";

        string Seconds(ChangeSource source) => string.Join(
            ", ", chunk.Seconds.Where(second => second.Source == source).Select(static second => Statements.Number(second.Second)));

        static bool IsDue(ChangedSecond second) => second.Source == ChangeSource.Time;
    }
}

/// <summary>Users of a place to evaluate in one pass.</summary>
/// <param name="Place">The place.</param>
/// <param name="Seconds">The seconds in which they changed, with the rows that were counted.</param>
/// <param name="Computation">A computation of a whole segment, of which they are to be evaluated again.</param>
/// <param name="Parts">The number of parts if they are too many for a pass.</param>
/// <param name="Part">The part of this pass.</param>
internal sealed record Chunk(Place Place, IReadOnlyCollection<ChangedSecond> Seconds, ulong? Computation, int Parts, int Part);

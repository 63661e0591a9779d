using ClickHouse.Driver.ADO.Parameters;
using ClickHouse.Driver.ADO.Readers;
using SegOps.Warehouse;

namespace SegOps.Cli.Replay;

/// <summary>
/// A stored dead letter. <c>Raw</c> is empty in lists, which need only the length. <c>ReplayedAt</c> is the time when its rows were found stored.
/// Null: open.
/// </summary>
internal sealed record Letter(
    Guid Id, string Project, string Environment, string Table, Guid? EventId, string Code, string Message, ReadOnlyMemory<byte> Raw, long RawLength,
    IReadOnlyDictionary<string, string> Attributes, DateTimeOffset FirstSeen, DateTimeOffset? ReplayedAt)
{
    /// <summary>Whether the letter is a row that ClickHouse refused. Otherwise it is a whole message.</summary>
    public bool IsRow => Code.StartsWith(RowCodePrefix, StringComparison.Ordinal);

    internal const string RowCodePrefix = "clickhouse_";

    /// <summary>The target of its rows. Null if this version does not know the table. Events of any month take the lane of late events.</summary>
    public StreamTarget? Target => Table == StreamTarget.Events.Table ? StreamTarget.LateEvents
        : Table == StreamTarget.Rejections.Table ? StreamTarget.Rejections
        : Table == StreamTarget.Received.Table ? StreamTarget.Received : null;
}

/// <summary>Reads and closes dead letters.</summary>
internal sealed class LetterStore(WarehouseQueries warehouse, TimeProvider time)
{
    // The bytes may be binary. A whole message can have 10 MB, so only `show` reads it.
    private const string NoBytes = "''";
    private const string AllBytes = "base64Encode(raw)";
    private const string BytesOfRows = $"if(startsWith(code, '{Letter.RowCodePrefix}'), base64Encode(raw), '')";

    /// <summary>Returns the newest letters that match <paramref name="filter"/>, without their bytes.</summary>
    public Task<List<Letter>> NewestAsync(LetterFilter filter, int limit, CancellationToken stop) =>
        ReadAsync(filter, after: null, NoBytes, $"ORDER BY first_seen DESC, dead_letter_id LIMIT {limit}", stop);

    /// <summary>Returns the letters that follow <paramref name="after"/>, oldest first. Whole messages are without their bytes.</summary>
    public Task<List<Letter>> NextAsync(LetterFilter filter, Letter? after, int limit, CancellationToken stop) =>
        ReadAsync(filter, after, BytesOfRows, $"ORDER BY first_seen, dead_letter_id LIMIT {limit}", stop);

    /// <summary>Returns a letter with its bytes, open or closed.</summary>
    /// <exception cref="ReplayException">The letter does not exist.</exception>
    public async Task<Letter> OneAsync(Guid id, CancellationToken stop) =>
        (await ReadAsync(new([id], Closed: true), after: null, AllBytes, "LIMIT 1", stop)).FirstOrDefault()
        ?? throw new ReplayException($"The dead letter {id} does not exist. Dead letters are kept for 90 days.");

    /// <summary>Counts the letters that match <paramref name="filter"/>, and finds those of its ids that are unknown.</summary>
    public async Task<(long Count, IReadOnlyList<Guid> Unknown)> CountAsync(LetterFilter filter, CancellationToken stop)
    {
        var counts = await warehouse.ReadAsync(
            $"SELECT count() FROM ({Select("dead_letter_id", filter, after: null)})", Parameters(filter), row => row.Number(0), stop);
        if (filter.Ids.Count == 0)
            return (counts[0], []);
        var known = await warehouse.ReadAsync(
            $"SELECT DISTINCT dead_letter_id FROM dead_letters WHERE dead_letter_id IN {QueryValues.List(filter.Ids)}", [], row => row.GetGuid(0), stop);
        return (counts[0], [.. filter.Ids.Except(known)]);
    }

    /// <summary>
    /// Records that the rows of <paramref name="letters"/> are stored. Also closes other letters of the same events, such as that of a refused
    /// correction.
    /// </summary>
    public Task CloseAsync(IReadOnlyList<Letter> letters, CancellationToken stop)
    {
        if (letters.Count == 0)
            return Task.CompletedTask;
        var ids = QueryValues.List(letters.Select(letter => letter.Id));
        return warehouse.ExecuteAsync(
            $"""
            INSERT INTO dead_letter_replays (project_id, environment, dead_letter_id, replayed_at)
            SELECT DISTINCT project_id, environment, dead_letter_id, fromUnixTimestamp64Micro({QueryValues.Micros(time.GetUtcNow())}, 'UTC')
            FROM dead_letters
            WHERE dead_letter_id IN {ids} OR (source_table = '{StreamTarget.Events.Table}' AND (project_id, environment, event_id) IN
            (
                SELECT project_id, environment, event_id FROM dead_letters
                WHERE dead_letter_id IN {ids} AND source_table = '{StreamTarget.Events.Table}' AND event_id IS NOT NULL
            ))
            """,
            stop);
    }

    private Task<List<Letter>> ReadAsync(LetterFilter filter, Letter? after, string raw, string order, CancellationToken stop) => warehouse.ReadAsync(
        Select(
            $"""
            dead_letter_id, project_id, environment, source_table, event_id, code, message, {raw} AS bytes, length(raw) AS size, attributes,
            toUnixTimestamp64Micro(first_seen) AS seen, toUnixTimestamp64Micro(replayed_at) AS replayed
            """,
            filter, after) + "\n" + order,
        Parameters(filter), Read, stop);

    private static string Select(string what, LetterFilter filter, Letter? after) => $$"""
        SELECT {{what}}
        FROM dead_letters FINAL
        LEFT JOIN
        (
            SELECT dead_letter_id, max(replayed_at) AS replayed_at FROM dead_letter_replays GROUP BY dead_letter_id
        ) AS replays USING (dead_letter_id)
        WHERE ({project:String} = '' OR project_id = {project:String}) AND ({code:String} = '' OR code = {code:String})
            AND first_seen >= fromUnixTimestamp64Micro({since:Int64}, 'UTC')
            {{(filter.Closed ? "" : "AND toUnixTimestamp64Micro(replayed_at) = 0")}}
            {{(filter.Ids.Count == 0 ? "" : $"AND dead_letter_id IN {QueryValues.List(filter.Ids)}")}}
            {{(after is null ? "" : $$"""
                AND (first_seen, dead_letter_id) > (fromUnixTimestamp64Micro({{QueryValues.Micros(after.FirstSeen)}}, 'UTC'), toUUID('{{after.Id}}'))
                """)}}
        """;

    private static ClickHouseParameterCollection Parameters(LetterFilter filter) => new ClickHouseParameterCollection()
        .With("project", filter.Project ?? "")
        .With("code", filter.Code ?? "")
        .With("since", filter.Since is { } since ? QueryValues.Micros(since) : 0L);

    private static Letter Read(ClickHouseDataReader row) => new(
        row.GetGuid(0), row.GetString(1), row.GetString(2), row.GetString(3), row.IsDBNull(4) ? null : row.GetGuid(4), row.GetString(5), row.GetString(6),
        Convert.FromBase64String(row.GetString(7)), row.Number(8), (Dictionary<string, string>)row.GetValue(9), QueryValues.Time(row.Number(10)),
        row.Number(11) is > 0 and var replayed ? QueryValues.Time(replayed) : null);
}

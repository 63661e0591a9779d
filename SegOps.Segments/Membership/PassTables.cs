using SegOps.Segments.Evaluation;
using SegOps.Segments.Rules;
using SegOps.Warehouse;

namespace SegOps.Segments.Membership;

/// <summary>
/// Tables in memory of one pass: its users and their rows. All segments are evaluated from them, so that the stored tables are read once.
/// </summary>
internal sealed class PassTables(Statements statements, ulong pass)
{
    private const string Prefix = "segment_pass_";

    /// <summary>The time that stands for never.</summary>
    private const string Never = "toDateTime64(0, 6, 'UTC')";

    private static readonly string[] Names = ["users", "changed", "traits", "events", "results"];

    /// <summary>What <see cref="EvaluationSql"/> reads.</summary>
    internal SourceTables Sources => new(Name("events"), Name("traits"), Name("users"));

    /// <summary>The users, and changed as 1 if rows of theirs were inserted.</summary>
    internal string Changed => Name("changed");

    /// <summary>The results: users who match or whose time will come.</summary>
    internal string Results => Name("results");

    /// <summary>Removes tables that a pass of an instance that crashed has left.</summary>
    internal static async Task RemoveAllAsync(Statements statements, CancellationToken cancellationToken)
    {
        var left = await statements.ReadAsync(
            $"SELECT name FROM system.tables WHERE database = currentDatabase() AND startsWith(name, '{Prefix}')", static row => row.GetString(0), cancellationToken);
        foreach (var table in left)
            await statements.RunAsync($"DROP TABLE IF EXISTS {table} SYNC", cancellationToken);
    }

    /// <summary>Finds the users of a chunk.</summary>
    /// <returns>Their number.</returns>
    internal async Task<long> FillUsersAsync(Chunk chunk, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await statements.RunAsync($"CREATE TABLE {Changed} ENGINE = Memory AS {ChangedUsers.Query(chunk, now)}", cancellationToken);
        return (await statements.ReadAsync($"SELECT count() FROM {Changed}", static row => row.Number(0), cancellationToken))[0];
    }

    /// <summary>Copies the rows of the users that the rules need.</summary>
    internal Task CopyAsync(Place place, RuleInputs inputs, CancellationToken cancellationToken)
    {
        var ofUsers = $"{Statements.Of(place)} AND user_id IN (SELECT user_id FROM {Changed})";
        var since = inputs.From is { } from ? $" AND occurred_at >= {Statements.Time(from)}" : "";
        return Task.WhenAll(
            CreateAsync("users", $"users WHERE {ofUsers}"),
            CreateAsync("traits", $"user_trait_values WHERE trait IN {Statements.Texts(inputs.Traits)} AND {ofUsers}"),
            CreateAsync("events", $"events WHERE event_type IN {Statements.Texts(inputs.EventTypes)} AND {ofUsers}{since}"),
            statements.RunAsync(
                $"CREATE TABLE {Results} (segment_id UUID, user_id String, matched UInt8, next_at DateTime64(6, 'UTC')) ENGINE = Memory", cancellationToken));

        Task CreateAsync(string name, string source) =>
            statements.RunAsync($"CREATE TABLE {Name(name)} ENGINE = Memory AS SELECT * FROM {source}", cancellationToken);
    }

    /// <summary>
    /// Evaluates segments of one place. Segments that fail may leave rows in the results. The time at which a user must be evaluated again is that of all of them,
    /// and has the row of the first.
    /// </summary>
    internal Task EvaluateAsync(IReadOnlyList<CurrentSegment> segments, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var place = segments[0].Place;
        var rules = new AllOf([.. segments.Select(static segment => segment.Rule!)]);
        var evaluation = EvaluationSql.Of(new(place.Project, place.Environment, rules, now, Sources), rules);
        var ids = string.Join(", ", segments.Select(static segment => $"toUUID('{segment.Id}')"));
        return statements.RunAsync(
            $"""
            INSERT INTO {Results}
            SELECT tupleElement(result, 1), user_id, tupleElement(result, 2), if(tupleElement(result, 3) = 1, next_at, {Never})
            FROM (SELECT user_id, next_at, arrayJoin(arrayZip([{ids}], matched, arrayEnumerate(matched))) AS result FROM ({evaluation.Sql}))
            WHERE tupleElement(result, 2) = 1 OR (tupleElement(result, 3) = 1 AND next_at > {Never})
            """, cancellationToken, evaluation.Parameters);
    }

    /// <summary>Drops the tables at once. The next leader does it if this fails.</summary>
    internal async Task RemoveAsync()
    {
        try
        {
            foreach (var name in Names)
                await statements.RunAsync($"DROP TABLE IF EXISTS {Name(name)} SYNC", CancellationToken.None);
        }
        catch (WarehouseUnavailableException)
        {
            // The server may have lost them already, because they are in memory.
        }
    }

    private string Name(string name) => $"{Prefix}{Statements.Number(pass)}_{name}";
}

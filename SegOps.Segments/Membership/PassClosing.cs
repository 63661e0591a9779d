using SegOps.Warehouse;

namespace SegOps.Segments.Membership;

/// <summary>
/// Decides and closes passes. Flips of a pass are staged before. The decision is one step in Redis under the lease. Everything after it can be repeated
/// by any instance: the copies have the same keys. Readers see a pass when it is closed.
/// </summary>
internal sealed class PassClosing(PassLeader leader, Statements statements, PassSteps steps)
{
    /// <summary>Decides a pass, copies its flips and closes it.</summary>
    /// <exception cref="LeaseLostException">Another instance may lead. Nothing of the pass is visible, now and later.</exception>
    internal async Task CloseAsync(DecidedPass pass, CancellationToken cancellationToken)
    {
        await steps.ReachedAsync(PassStep.Staged, pass);
        await leader.DecideAsync(pass);
        await CompleteAsync(pass, cancellationToken);
    }

    /// <summary>Completes passes that were decided, and not closed.</summary>
    internal async Task CompleteAllAsync(CancellationToken cancellationToken)
    {
        var closed = (await statements.ReadAsync(
            "SELECT project_id, environment, max(pass) FROM segment_passes GROUP BY project_id, environment",
            static row => (Place: new Place(row.GetString(0), row.GetString(1)), Pass: (ulong)row.Number(2)), cancellationToken)).ToDictionary(row => row.Place, row => row.Pass);
        foreach (var pass in await leader.DecidedAsync())
        {
            if (closed.GetValueOrDefault(new(pass.Project, pass.Environment)) < pass.Pass)
                await CompleteAsync(pass, cancellationToken);
        }
    }

    /// <summary>The order matters to readers: who sees a row in segment_members finds its change.</summary>
    private async Task CompleteAsync(DecidedPass pass, CancellationToken cancellationToken)
    {
        const string Copied = "project_id, environment, segment_id, user_id, generation, pass, at";
        var number = Statements.Number(pass.Pass);
        await steps.ReachedAsync(PassStep.Decided, pass);
        await statements.RunAsync(
            $"""
            INSERT INTO segment_changes (project_id, environment, segment_id, pass, user_id, generation, at, before, reason)
            SELECT project_id, environment, segment_id, pass, user_id, generation, at, before, reason FROM segment_flips WHERE pass = {number} AND reason != 'initial'
            """, cancellationToken);
        await steps.ReachedAsync(PassStep.ChangesCopied, pass);
        await statements.RunAsync($"INSERT INTO user_segments ({Copied}) SELECT {Copied} FROM segment_flips WHERE pass = {number}", cancellationToken);
        await steps.ReachedAsync(PassStep.StatesCopied, pass);
        await statements.RunAsync($"INSERT INTO segment_members ({Copied}) SELECT {Copied} FROM segment_flips WHERE pass = {number}", cancellationToken);
        await steps.ReachedAsync(PassStep.MembersCopied, pass);
        await statements.RunAsync(pass.Whole is { } whole ? CountWhole(pass, whole) : CountFlips(pass), cancellationToken);
        await steps.ReachedAsync(PassStep.Counted, pass);
        var place = new Place(pass.Project, pass.Environment);
        await statements.RunAsync(
            $"INSERT INTO segment_passes (project_id, environment, pass, as_of) SELECT {Statements.Columns(place)}, {number}, {Statements.Time(QueryValues.Time(pass.AsOf))}",
            cancellationToken);
        await steps.ReachedAsync(PassStep.Closed, pass);
    }

    private static string CountWhole(DecidedPass pass, Guid segment)
    {
        var place = new Place(pass.Project, pass.Environment);
        return $"""
            INSERT INTO segment_computed (project_id, environment, segment_id, rule_hash, members, pass, computed_at)
            SELECT {Statements.Columns(place)}, toUUID('{segment}'), '{pass.Hash}', countIf(last % 2 = 1), {Statements.Number(pass.Pass)}, {Statements.Time(QueryValues.Time(pass.AsOf))}
            FROM (SELECT max(generation) AS last FROM segment_members WHERE {Statements.Of(place)} AND segment_id = toUUID('{segment}') GROUP BY user_id)
            """;
    }

    /// <summary>Adds the pass's flips to the number of members. A row of this pass exists if that was done before.</summary>
    private static string CountFlips(DecidedPass pass) => $"""
        INSERT INTO segment_computed (project_id, environment, segment_id, rule_hash, members, pass, computed_at)
        SELECT c.project_id, c.environment, c.segment_id, c.rule_hash, toUInt64(greatest(0, toInt64(c.members) + f.more)), {Statements.Number(pass.Pass)}, {Statements.Time(QueryValues.Time(pass.AsOf))}
        FROM (SELECT * FROM segment_computed FINAL WHERE {Statements.Of(new(pass.Project, pass.Environment))}) AS c
        INNER JOIN
        (
            SELECT segment_id, sum(if(generation % 2 = 1, 1, -1)) AS more FROM segment_flips WHERE pass = {Statements.Number(pass.Pass)} GROUP BY segment_id
        ) AS f ON f.segment_id = c.segment_id
        WHERE c.pass < {Statements.Number(pass.Pass)}
        """;
}

/// <summary>The steps of a pass after which a process can end.</summary>
internal enum PassStep
{
    /// <summary>Its users were evaluated, and the results are in memory.</summary>
    Evaluated,

    /// <summary>Its flips are staged.</summary>
    Staged,

    /// <summary>It is decided.</summary>
    Decided,

    /// <summary>Its flips are in segment_changes.</summary>
    ChangesCopied,

    /// <summary>Its flips are in user_segments.</summary>
    StatesCopied,

    /// <summary>Its flips are in segment_members.</summary>
    MembersCopied,

    /// <summary>Its numbers of members are stored.</summary>
    Counted,

    /// <summary>It is closed.</summary>
    Closed,
}

/// <summary>Lets tests stop or end a pass between two steps. Does nothing in the service.</summary>
internal sealed class PassSteps
{
    /// <summary>Called with each step. An exception ends the pass as a crash would.</summary>
    internal Func<PassStep, DecidedPass, Task> ReachedAsync { get; set; } = static (_, _) => Task.CompletedTask;
}

using SegOps.Segments.Evaluation;
using SegOps.Warehouse;

namespace SegOps.Segments.Membership;

/// <summary>Why a whole segment is computed.</summary>
internal enum WholeReason
{
    /// <summary>It never was. Its first members are not announced.</summary>
    Initial,

    /// <summary>Its rule has changed, or the rule of a segment that it refers to.</summary>
    Rule,

    /// <summary>A pass could not evaluate it, or changes were lost.</summary>
    Data,

    /// <summary>To compare it with the members. Differences are drift.</summary>
    Repair,
}

/// <summary>A computation of a whole segment. It runs beside passes.</summary>
/// <param name="Segment">The segment.</param>
/// <param name="Reason">Why.</param>
/// <param name="Number">Its number in segment_results.</param>
/// <param name="AsOf">The time for which it is computed.</param>
/// <param name="ClickHouseNow">A time before, by ClickHouse's clock; Unix time in seconds.</param>
/// <param name="Round">The round in which it began.</param>
internal sealed record Computation(CurrentSegment Segment, WholeReason Reason, ulong Number, DateTimeOffset AsOf, long ClickHouseNow, long Round);

/// <summary>Computes whole segments.</summary>
internal sealed class WholeSegment(PassLeader leader, Statements statements, PassClosing closing, MembershipOptions options)
{
    /// <summary>Evaluates all users. Nothing is visible yet.</summary>
    internal Task EvaluateAsync(Computation computation, CancellationToken cancellationToken)
    {
        var (segment, number) = (computation.Segment, Statements.Number(computation.Number));
        var statement = EvaluationSql.Of(new(segment.Place.Project, segment.Place.Environment, segment.Rule!, computation.AsOf, SourceTables.Stored));
        return statements.RunAsync(
            $"""
            INSERT INTO segment_results (computation, user_id, matched, next_at, again)
            SELECT {number}, user_id, matched, next_at, 0 FROM ({statement.Sql}) WHERE matched = 1 OR next_at > toDateTime64(0, 6, 'UTC')
            """, cancellationToken, statement.Parameters, options.ComputationDeadline);
    }

    /// <summary>Makes the results the members. A later pass evaluates users who changed meanwhile.</summary>
    /// <returns>The number of flips.</returns>
    internal async Task<long> ApplyAsync(Computation computation, ulong floor, CancellationToken cancellationToken)
    {
        var (segment, place) = (computation.Segment, computation.Segment.Place);
        var number = await leader.NextAsync(floor);
        // Only while a segment is compared do passes evaluate it too. Their results are newer.
        var skip = computation.Reason == WholeReason.Repair ? "AND skipped = 0" : "";
        await statements.RunAsync(
            $"""
            INSERT INTO segment_flips (pass, project_id, environment, segment_id, user_id, generation, at, before, reason)
            SELECT {Statements.Number(number)}, {Statements.Columns(place)}, toUUID('{segment.Id}'), user_id, last + 1, {Statements.Time(computation.AsOf)}, since, '{Reason(computation)}'
            FROM
            (
                SELECT user_id, max(is_match) AS matches, max(is_again) AS skipped, max(generation) AS last, max(at) AS since
                FROM
                (
                    SELECT user_id, matched AS is_match, again AS is_again, toUInt64(0) AS generation, toDateTime64(0, 6, 'UTC') AS at
                    FROM segment_results
                    WHERE computation = {Statements.Number(computation.Number)}
                    UNION ALL
                    SELECT user_id, toUInt8(0), toUInt8(0), max(s.generation), argMax(s.at, s.generation)
                    FROM segment_members AS s
                    WHERE {Statements.Of(place)} AND segment_id = toUUID('{segment.Id}')
                    GROUP BY user_id
                )
                GROUP BY user_id
            )
            WHERE matches != last % 2 {skip}
            """, cancellationToken, deadline: options.ComputationDeadline);
        await statements.RunAsync(
            $"""
            INSERT INTO segment_due (due_at, project_id, environment, user_id)
            SELECT next_at, {Statements.Columns(place)}, user_id FROM segment_results WHERE computation = {Statements.Number(computation.Number)} AND next_at > {Statements.Time(computation.AsOf)}
            """, cancellationToken);
        var flips = (await statements.ReadAsync(
            $"SELECT count() FROM segment_flips WHERE pass = {Statements.Number(number)}", static row => row.Number(0), cancellationToken))[0];
        await closing.CloseAsync(new(number, place.Project, place.Environment, QueryValues.Micros(computation.AsOf), segment.Id, segment.Hash), cancellationToken);
        return flips;
    }

    /// <summary>The number of users whom a later pass must evaluate again.</summary>
    internal async Task<long> AgainAsync(Computation computation, CancellationToken cancellationToken) => (await statements.ReadAsync(
        $"SELECT uniqExact(user_id) FROM segment_results WHERE computation = {Statements.Number(computation.Number)} AND again = 1",
        static row => row.Number(0), cancellationToken))[0];

    /// <summary>Removes the results.</summary>
    internal Task RemoveAsync(Computation computation, CancellationToken cancellationToken) =>
        statements.RunAsync($"ALTER TABLE segment_results DROP PARTITION {Statements.Number(computation.Number)}", cancellationToken);

    private static string Reason(Computation computation) => computation.Reason switch
    {
        WholeReason.Initial => "initial",
        WholeReason.Rule => "rule",
        WholeReason.Data => "data",
        // Test events expire after a week, and their users with them.
        WholeReason.Repair when computation.Segment.Place.Environment == Contracts.Environments.Test => "time",
        _ => "repair",
    };
}

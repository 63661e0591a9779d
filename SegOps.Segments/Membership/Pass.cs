using System.Collections.Concurrent;
using SegOps.Segments.Rules;
using SegOps.Warehouse;

namespace SegOps.Segments.Membership;

/// <summary>What a pass did.</summary>
/// <param name="Users">The users whom it evaluated.</param>
/// <param name="Flips">How many entered or left segments.</param>
/// <param name="Failed">Segments that could not be evaluated, with the reason. They must be computed as a whole.</param>
internal sealed record PassOutcome(long Users, long Flips, IReadOnlyDictionary<Guid, string> Failed);

/// <summary>Evaluates changed users in the segments of their project.</summary>
internal sealed class Pass(PassLeader leader, Statements statements, PassClosing closing, PassSteps steps, TimeProvider clock)
{
    /// <summary>
    /// Conditions that one statement evaluates: fewer statements cost less, because segments share conditions. A segment that fails lets the others of its statement
    /// start again.
    /// </summary>
    private const int Together = 300;

    /// <summary>Statements at the same time.</summary>
    private const int AtOnce = 2;

    /// <summary>Runs a pass.</summary>
    /// <param name="chunk">Its users.</param>
    /// <param name="segments">The segments to evaluate.</param>
    /// <param name="computations">Computations of whole segments of this place that are running. The pass's users must be evaluated again after them.</param>
    /// <param name="floor">The largest number of a pass that ClickHouse has.</param>
    /// <param name="cancellationToken">Cancels the pass.</param>
    internal async Task<PassOutcome> RunAsync(
        Chunk chunk, IReadOnlyList<CurrentSegment> segments, IReadOnlyList<ulong> computations, ulong floor, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var number = await leader.NextAsync(floor);
        var pass = new DecidedPass(number, chunk.Place.Project, chunk.Place.Environment, QueryValues.Micros(now));
        var tables = new PassTables(statements, number);
        try
        {
            var users = await tables.FillUsersAsync(chunk, now, cancellationToken);
            foreach (var computation in computations)
                await statements.RunAsync(
                    $"INSERT INTO segment_results (computation, user_id, again) SELECT {Statements.Number(computation)}, user_id, 1 FROM {tables.Changed}", cancellationToken);
            if (segments.Count == 0 || users == 0)
                return new(users, 0, new Dictionary<Guid, string>());

            await tables.CopyAsync(chunk.Place, RuleInputs.Of(segments.Select(static segment => segment.Rule!), now), cancellationToken);
            var failed = await EvaluateAsync(tables, segments, now, cancellationToken);
            await steps.ReachedAsync(PassStep.Evaluated, pass);
            var flips = await StageAsync(pass, tables, [.. segments.Where(segment => !failed.ContainsKey(segment.Id))], now, cancellationToken);
            if (flips > 0)
                await closing.CloseAsync(pass, cancellationToken);
            return new(users, flips, failed);
        }
        finally
        {
            await tables.RemoveAsync();
        }
    }

    private async Task<IReadOnlyDictionary<Guid, string>> EvaluateAsync(
        PassTables tables, IReadOnlyList<CurrentSegment> segments, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var failed = new ConcurrentDictionary<Guid, string>();
        await Parallel.ForEachAsync(
            Groups(segments), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (group, stop) =>
            {
                if (await TryAsync(group, stop) is null)
                    return;
                // Rows of the first attempt stay: equal ones are one.
                foreach (var segment in group)
                {
                    if (await TryAsync([segment], stop) is { } refused)
                        failed[segment.Id] = FailureReasons.Of(refused);
                }
            });
        return failed;

        async Task<WarehouseUnavailableException?> TryAsync(IReadOnlyList<CurrentSegment> group, CancellationToken stop)
        {
            try
            {
                await tables.EvaluateAsync(group, now, stop);
                return null;
            }
            catch (WarehouseUnavailableException refused)
            {
                if (!await statements.AnswersAsync(stop))
                    throw;
                return refused;
            }
        }
    }

    private static List<List<CurrentSegment>> Groups(IReadOnlyList<CurrentSegment> segments)
    {
        List<List<CurrentSegment>> groups = [];
        var conditions = Together;
        foreach (var segment in segments)
        {
            var own = RuleConditions.Of(segment.Rule!).Count();
            if (conditions + own > Together)
            {
                groups.Add([]);
                conditions = 0;
            }
            groups[^1].Add(segment);
            conditions += own;
        }
        return groups;
    }

    /// <summary>Stages the differences between the results and the states of closed passes, and notes when users must be evaluated again.</summary>
    /// <returns>The number of flips.</returns>
    private async Task<long> StageAsync(
        DecidedPass pass, PassTables tables, IReadOnlyList<CurrentSegment> segments, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var place = new Place(pass.Project, pass.Environment);
        var ids = $"({string.Join(", ", segments.Select(static segment => $"toUUID('{segment.Id}')").DefaultIfEmpty("NULL"))})";
        await statements.RunAsync(
            $"""
            INSERT INTO segment_flips (pass, project_id, environment, segment_id, user_id, generation, at, before, reason)
            SELECT {Statements.Number(pass.Pass)}, {Statements.Columns(place)}, segment_id, user_id, last + 1, {Statements.Time(now)}, since,
                if(user_id IN (SELECT user_id FROM {tables.Changed} WHERE changed = 1), 'data', 'time')
            FROM
            (
                SELECT segment_id, user_id, max(is_match) AS matches, max(generation) AS last, max(at) AS since
                FROM
                (
                    SELECT segment_id, user_id, matched AS is_match, toUInt64(0) AS generation, toDateTime64(0, 6, 'UTC') AS at
                    FROM {tables.Results}
                    WHERE matched = 1 AND segment_id IN {ids}
                    UNION ALL
                    SELECT segment_id, user_id, toUInt8(0) AS is_match, max(generation) AS generation, argMax(s.at, s.generation) AS at
                    FROM user_segments AS s
                    WHERE {Statements.Of(place)} AND user_id IN (SELECT user_id FROM {tables.Changed}) AND segment_id IN {ids}
                    GROUP BY segment_id, user_id
                )
                GROUP BY segment_id, user_id
            )
            WHERE matches != last % 2
            """, cancellationToken);
        await statements.RunAsync(
            $"""
            INSERT INTO segment_due (due_at, project_id, environment, user_id)
            SELECT min(next_at), {Statements.Columns(place)}, user_id
            FROM {tables.Results}
            WHERE next_at > {Statements.Time(now)} AND segment_id IN {ids}
            GROUP BY user_id
            """, cancellationToken);
        return (await statements.ReadAsync(
            $"SELECT count() FROM segment_flips WHERE pass = {Statements.Number(pass.Pass)}", static row => row.Number(0), cancellationToken))[0];
    }
}

/// <summary>Why a segment could not be computed, without values of its rule.</summary>
internal static class FailureReasons
{
    /// <summary>Its rule is not valid any more.</summary>
    internal const string InvalidRule = "invalid_rule";

    /// <summary>It took longer than its deadline.</summary>
    internal const string TooSlow = "too_slow";

    /// <summary>It needed more memory than a statement may use.</summary>
    internal const string TooMuchMemory = "too_much_memory";

    /// <summary>The reason of a refused statement.</summary>
    internal static string Of(WarehouseUnavailableException refused) => refused.Code switch
    {
        null or 159 or 160 => TooSlow,
        241 => TooMuchMemory,
        { } code => $"warehouse_error_{Statements.Number(code)}",
    };
}

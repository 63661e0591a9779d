using SegOps.Contracts;
using SegOps.Segments.Rules;
using SegOps.Warehouse;

namespace SegOps.Segments.Evaluation;

/// <summary>Estimates what a preview costs, from the index alone.</summary>
internal static class CostQuery
{
    /// <summary>Bytes of a row that a condition reads without the payload, an estimate, and time for a row with two threads, from docs/performance.md.</summary>
    private const double BytesOfRow = 60, MicrosecondsOfRow = 0.07;

    /// <summary>Bytes of a payload, and time to read values in it.</summary>
    private const double BytesOfPayload = 120, MicrosecondsOfPayload = 0.23;

    /// <summary>Milliseconds of a query without rows.</summary>
    private const double Start = 15;

    internal static async Task<Cost> RunAsync(StatementRunner runner, Evaluation evaluation, CancellationToken cancellationToken)
    {
        var estimates = await Task.WhenAll(Scans(evaluation).Distinct().GroupBy(static scan => scan.ReadsPayload).Select(async scans =>
        {
            var selects = string.Join(" UNION ALL ", scans.Select(static scan => $"SELECT user_id FROM {scan.Sql}"));
            var statement = new Statement($"EXPLAIN ESTIMATE {selects}", QueryValues.Project(evaluation.Project, evaluation.Environment));
            return (scans.Key, Rows: (await runner.ReadAsync(statement, 1000, static row => row.Number(3), cancellationToken)).Sum());
        }));
        var rows = estimates.Sum(static estimate => estimate.Rows);
        var payloads = estimates.Where(static estimate => estimate.Key).Sum(static estimate => estimate.Rows);
        return new Cost(
            rows, (long)((rows * BytesOfRow) + (payloads * BytesOfPayload)),
            (long)(Start + (((rows * MicrosecondsOfRow) + (payloads * MicrosecondsOfPayload)) / 1000)));
    }

    /// <summary>What is read: the users, each trait once, and the events of each condition. Conditions on the same rows read them once.</summary>
    private static IEnumerable<(string Sql, bool ReadsPayload)> Scans(Evaluation evaluation)
    {
        var scope = new Scope(evaluation);
        var conditions = Leaf.Of(evaluation.Rule).ConvertAll(static leaf => leaf.Condition);
        yield return ($"{scope.Tables.Users} WHERE {scope.Rows}", false);
        foreach (var trait in conditions.OfType<TraitCondition>().Select(static each => each.Path[0]).Distinct())
            yield return ($"{scope.Tables.TraitValues} WHERE {scope.Rows} AND trait = {SqlLiteral.Text(trait)}", false);
        foreach (var each in conditions.OfType<EventCondition>())
            yield return (Events(each.Events, each.Window, scope), each.Measure is Aggregate || each.Events.Where is not null);
        foreach (var each in conditions.OfType<SequenceCondition>())
        {
            yield return (Events(each.First, each.Window, scope), each.Same is not null || each.First.Where is not null);
            yield return (Events(each.Then, each.Window, scope), each.Same is not null || each.Then.Where is not null);
        }
    }

    private static string Events(EventFilter filter, Window window, Scope scope) =>
        $"{scope.Tables.Events} WHERE {scope.Rows} AND {EventColumns.EventType} = {SqlLiteral.Text(filter.EventType)} AND {new Span(window, scope).Rows}";
}

/// <summary>The estimated cost of a preview.</summary>
/// <param name="Rows">Rows to read.</param>
/// <param name="Bytes">Bytes to read, uncompressed.</param>
/// <param name="Milliseconds">The time that this takes on two cores.</param>
internal sealed record Cost(long Rows, long Bytes, long Milliseconds);

using System.Globalization;
using SegOps.Contracts;
using SegOps.Segments.Rules;

namespace SegOps.Segments.Evaluation;

/// <summary>
/// The branches of a preview, which tells nothing of the future and so can be faster. Events are not grouped by their id: those that have a copy in the day before
/// the window are left out, and a count to N needs to remember N ids of each user. Users with one write of a trait need no comparison of writes. Data that
/// comes while the query runs can make a user match by an old and a new value at once.
/// </summary>
internal static class PreviewBranches
{
    /// <summary>The most ids that ClickHouse's uniqUpTo remembers.</summary>
    private const long MaxRemembered = 100;

    internal static IEnumerable<Branch> Of(IReadOnlyCollection<Leaf> leaves, Scope scope) =>
    [
        .. TraitBranches.Of(leaves, scope, Values),
        .. leaves.Where(static leaf => leaf.Condition is EventCondition).Select(leaf => Events(leaf, scope)),
        .. leaves.Where(static leaf => leaf.Condition is SequenceCondition).Select(leaf => SequenceBranches.Of(leaf, scope)),
    ];

    private static string Values(string trait, Scope scope)
    {
        var rows = TraitBranches.Rows(trait, scope);
        var several = $"(SELECT user_id FROM {scope.Tables.TraitValues} WHERE {rows} GROUP BY user_id HAVING count() > 1)";
        return $"""
            SELECT user_id, tupleElement(written, 4) AS value
            FROM {scope.Tables.TraitValues}
            WHERE {rows} AND user_id NOT IN {several}
            UNION ALL
            SELECT user_id, value FROM ({TraitBranches.Values(trait, scope, $" AND user_id IN {several}")})
            """;
    }

    private static Branch Events(Leaf leaf, Scope scope)
    {
        var condition = (EventCondition)leaf.Condition;
        if (condition.Measure is not Count count)
            return EventBranches.Of(leaf, scope);
        var (least, most) = (Math.Max(count.AtLeast ?? 0, 0), count.AtMost);
        var reached = Math.Max(least, most + 1 ?? 0);
        if (reached is 0 or > MaxRemembered)
            return EventBranches.Of(leaf, scope);

        var rows = Rows(condition.Events, new Span(condition.Window, scope), scope);
        var counted = reached == 1 ? "count()" : string.Create(CultureInfo.InvariantCulture, $"uniqUpTo({reached - 1})(cityHash64(event_id))");
        var matches = string.Create(CultureInfo.InvariantCulture, $"{counted} >= {least}{(most is { } limit ? $" AND {counted} <= {limit}" : "")}");
        return new Branch(
            $"(SELECT user_id FROM {rows} GROUP BY user_id HAVING {(leaf.IsInverted ? "NOT " : "")}({matches}))", leaf.Word, leaf.Bit, Scope.Never);
    }

    /// <summary>The rows of a window, except for copies of earlier events.</summary>
    private static string Rows(EventFilter filter, Span span, Scope scope)
    {
        var rows = scope.EventsOf(filter.EventType) + (filter.Where is null ? "" : $" AND {EventBranches.Where(filter.Where, scope)}");
        var until = span.To <= scope.Now ? $"{EventColumns.OccurredAt} < {SqlLiteral.Time(span.To.Value)}" : $"{EventColumns.OccurredAt} <= {SqlLiteral.Time(scope.Now)}";
        if (span.From is not { } from)
            return $"{scope.Tables.Events} WHERE {rows} AND {until}";
        var start = SqlLiteral.Time(from);
        return $"""
            {scope.Tables.Events} WHERE {rows} AND {until} AND {EventColumns.OccurredAt} >= {start} AND {EventColumns.EventId} NOT IN
            (SELECT {EventColumns.EventId} FROM {scope.Tables.Events} WHERE {rows} AND {EventColumns.OccurredAt} < {start} AND {EventColumns.OccurredAt} >= {SqlLiteral.Time(from - Span.LookBack)})
            """;
    }
}

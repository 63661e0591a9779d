using SegOps.Contracts;
using SegOps.Segments.Rules;

namespace SegOps.Segments.Evaluation;

/// <summary>The branches of sequences.</summary>
internal static class SequenceBranches
{
    /// <summary>
    /// The branch of a sequence. Events are taken by user, value and time, with the numbers of those that are only first, only then, or both. An event does not
    /// follow itself. The next other event is found from the end, so that each row adds one to the frame.
    /// </summary>
    internal static Branch Of(Leaf leaf, Scope scope)
    {
        var condition = (SequenceCondition)leaf.Condition;
        var span = new Span(condition.Window, scope);
        var gap = Scope.Micros(condition.Gap);
        var isFollowed = $"(firsts > 0 AND thens + boths > 0 OR boths > 0 AND thens + boths > 1 OR firsts + boths > 0 AND next > 0 AND next - at <= {gap})";
        var isNotFollowed = $"((firsts > 0 AND thens + boths = 0 OR boths = 1 AND thens = 0) AND (next = 0 OR next - at > {gap}))";
        var hasPassed = $"at + {gap} < {scope.Now}";
        var matches = condition.Happens ? isFollowed : $"{isNotFollowed} AND {hasPassed}";
        var leaves = span.Leaves is { } after ? $"max_match + {after}" : Scope.Never;
        var passes = condition.Happens ? Scope.Never : $"ifNull(passes, {Scope.Never})";

        return new Branch(
            $"""
            (
                SELECT user_id, countIf({matches}) AS n, maxIf(at, {matches}) AS max_match, min(again) AS counts_again,
                    minOrNullIf(at + {gap + 1}, {isNotFollowed} AND NOT {hasPassed}) AS passes, n AS events,
                    argMaxIf({(condition.Happens ? "[first_id, if(thens + boths > 0 AND then_id != first_id, then_id, next_id)]" : "[first_id]")}, at, {matches}) AS ids
                FROM
                (
                    SELECT user_id, at, firsts, thens, boths, again, first_id, then_id,
                        argMin(then_id, if(thens + boths > 0, at, {Scope.Never})) OVER (PARTITION BY user_id, same ORDER BY at DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS next_id,
                        min(if(thens + boths > 0, at, {Scope.Never})) OVER (PARTITION BY user_id, same ORDER BY at DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) % {Scope.Never} AS next
                    FROM
                    (
                        SELECT user_id, same, at, {span.CountsAgain() ?? Scope.Never} AS again,
                            countIf(is_first AND {span.Has()} AND NOT is_then) AS firsts, countIf(is_then AND NOT (is_first AND {span.Has()})) AS thens,
                            countIf(is_first AND {span.Has()} AND is_then) AS boths,
                            minIf(event_id, is_first AND {span.Has()}) AS first_id, maxIf(event_id, is_then) AS then_id
                        FROM ({Events(condition, span, scope)})
                        GROUP BY user_id, same, at
                    )
                )
                GROUP BY user_id
            )
            """,
            leaf.Word, $"if(n > 0, {leaf.Bit}, 0)", $"least(counts_again, if(n > 0, {leaves}, {passes}))");
    }

    /// <summary>When stored events begin to count.</summary>
    internal static IEnumerable<LaterRows> Later(SequenceCondition condition, Scope scope)
    {
        var untilNow = new Span(condition.Window with { To = null }, scope);
        return [.. EventBranches.Later(condition.First, new Span(condition.Window, scope), scope), .. EventBranches.Later(condition.Then, untilNow, scope)];
    }

    /// <summary>The events of both filters, each once. An other event whose value is unset follows none.</summary>
    private static string Events(SequenceCondition condition, Span span, Scope scope)
    {
        var same = condition.Same is { } path ? JsonSql.Raw(EventColumns.Payload, path) : "''";
        same = condition.Same is null ? same : $"if({JsonSql.IsSet(same)}, {JsonSql.Canonical(same)}, '')";
        var isSet = condition.Same is null ? "" : " AND shared != ''";
        var (first, then) = (EventBranches.Where(condition.First.Where, scope), EventBranches.Where(condition.Then.Where, scope));
        var rows = condition.First.EventType == condition.Then.EventType
            ? Rows(condition.First.EventType, first, then)
            : $"{Rows(condition.First.EventType, first, "0")} UNION ALL {Rows(condition.Then.EventType, "0", then)}";
        return $"""
            SELECT user_id, event_id, toUnixTimestamp64Micro(min(occurred_at)) AS at, toUnixTimestamp64Micro(max(occurred_at)) AS last,
                max(as_first) AS is_first, max(as_then{isSet}) AS is_then, max(shared) AS same
            FROM ({rows})
            GROUP BY user_id, event_id
            """;

        string Rows(string eventType, string isFirst, string isThen) => $"""
            SELECT user_id, event_id, occurred_at, toBool({isFirst}) AS as_first, toBool({isThen}) AS as_then, {same} AS shared
            FROM {scope.Tables.Events}
            WHERE {scope.EventsOf(eventType)} AND {span.Rows} AND (as_first OR as_then)
            """;
    }
}

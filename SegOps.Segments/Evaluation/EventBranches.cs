using System.Globalization;
using SegOps.Contracts;
using SegOps.Segments.Rules;

namespace SegOps.Segments.Evaluation;

/// <summary>The branches of conditions on events.</summary>
internal static class EventBranches
{
    /// <summary>Maximum events that are named.</summary>
    internal const int MaxIds = 10;

    /// <summary>The branch of a condition.</summary>
    internal static Branch Of(Leaf leaf, Scope scope)
    {
        var condition = (EventCondition)leaf.Condition;
        var span = new Span(condition.Window, scope);
        var (columns, matches, next) = condition.Measure switch
        {
            Count count => OfCount(count, span),
            Aggregate aggregate => OfAggregate(aggregate, span),
            _ => throw new ArgumentOutOfRangeException(nameof(leaf)),
        };
        var value = condition.Measure is Aggregate { Path: var path } ? JsonSql.Raw(EventColumns.Payload, path) : null;
        return new Branch(
            $"""
            (
                SELECT user_id, {columns}, {span.CountsAgain} AS again, countIf({span.Has}) AS events,
                    arrayMap(e -> tupleElement(e, 2), arraySlice(arrayReverseSort(groupArrayIf((at, event_id), {span.Has})), 1, {MaxIds})) AS ids
                FROM ({Events(condition.Events, span, scope, value)})
                GROUP BY user_id
            )
            """,
            leaf.Word, $"if({(leaf.IsInverted ? "NOT " : "")}({matches}), {leaf.Bit}, 0)", next is null ? "again" : $"least({next}, again)");
    }

    /// <summary>
    /// The events of each user with their earliest time and a <paramref name="value"/>. Copies are alike, so that which of their values is taken makes no
    /// difference; the greatest makes even wrong copies give the same result each time.
    /// </summary>
    internal static string Events(EventFilter filter, Span span, Scope scope, string? value) => $"""
        SELECT user_id, event_id, toUnixTimestamp64Micro(min(occurred_at)) AS at, toUnixTimestamp64Micro(max(occurred_at)) AS last{(value is null ? "" : $", max({value}) AS value")}
        FROM {scope.Tables.Events}
        WHERE {scope.EventsOf(filter.EventType)} AND {span.Rows}{And(filter.Where, scope)}
        GROUP BY user_id, event_id
        """;

    /// <summary>The condition on payloads.</summary>
    internal static string Where(Rule? where, Scope scope)
    {
        if (where is null)
            return "1";
        var conditions = Leaf.Of(where).ConvertAll(static leaf => (PayloadCondition)leaf.Condition);
        return Leaf.Combine(where, index => PredicateSql.Of(conditions[index].Predicate, JsonSql.Raw(EventColumns.Payload, conditions[index].Path), scope))!;
    }

    /// <summary>When stored events begin to count, or change what the condition on payloads makes of them.</summary>
    internal static IEnumerable<LaterRows> Later(EventFilter filter, Span span, Scope scope)
    {
        if (span.Coming is var (coming, at))
            yield return new LaterRows(filter.EventType, coming, at);
        if (filter.Where is null)
            yield break;
        var changes = Leaf.Of(filter.Where).Select(static leaf => (PayloadCondition)leaf.Condition)
            .SelectMany(each => TimeChanges.Of(each.Predicate, JsonSql.Raw(EventColumns.Payload, each.Path), scope)).ToList();
        if (changes.Count > 0)
            yield return new LaterRows(filter.EventType, span.Rows, TimeChanges.Next(changes, scope));
    }

    private static string And(Rule? where, Scope scope) => where is null ? "" : $" AND {Where(where, scope)}";

    /// <summary>
    /// The count stays at n or more until the n-th newest event leaves the window, unless more events come. It rises only when events come.
    /// </summary>
    private static (string Columns, string Matches, string? Next) OfCount(Count count, Span span)
    {
        List<string> tests = [];
        List<string> next = [];
        if (count.AtLeast is { } least and > 0)
            Add($"n >= {least}", $"n >= {least}", least);
        if (count.AtMost is { } most)
            Add($"n <= {most}", $"n > {most}", most + 1);
        var newest = next.Count == 0 ? "" : $", arrayReverseSort(groupArrayIf(at, {span.Has})) AS newest";
        return ($"countIf({span.Has}) AS n{newest}", tests.Count == 0 ? "1" : string.Join(" AND ", tests), next.Count == 0 ? null : string.Join(", ", next));

        void Add(string test, string isReached, long n)
        {
            tests.Add(test);
            if (span.Leaves is { } leaves)
                next.Add(string.Create(CultureInfo.InvariantCulture, $"if({isReached}, newest[{n}] + {leaves}, {Scope.Never})"));
        }
    }

    /// <summary>Each event that leaves the window can change the figure. A sum has the same order of addition each time, because doubles are rounded.</summary>
    private static (string Columns, string Matches, string? Next) OfAggregate(Aggregate aggregate, Span span)
    {
        var has = $"({span.Has}) AND {JsonSql.IsNumber("value")}";
        var number = JsonSql.Number("value");
        var sum = $"arraySum(arraySort(groupArrayIf({number}, {has})))";
        var figure = aggregate.Function switch
        {
            AggregateFunction.Sum => sum,
            AggregateFunction.Average => $"{sum} / n",
            AggregateFunction.Min => $"minIf({number}, {has})",
            AggregateFunction.Max => $"maxIf({number}, {has})",
            AggregateFunction.Distinct => $"toFloat64(uniqExactIf({JsonSql.Canonical("value")}, ({span.Has}) AND {JsonSql.IsSet("value")}))",
            _ => throw new ArgumentOutOfRangeException(nameof(aggregate)),
        };
        var needsValues = aggregate.Function is AggregateFunction.Min or AggregateFunction.Max or AggregateFunction.Average;
        return (
            $"countIf({has}) AS n, {figure} AS figure, minOrNullIf(at, {span.Has}) AS oldest",
            $"{(needsValues ? "n > 0 AND " : "")}{PredicateSql.OfNumber(aggregate.Predicate, "figure")}",
            span.Leaves is { } leaves ? $"ifNull(oldest + {leaves}, {Scope.Never})" : null);
    }
}

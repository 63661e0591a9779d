using System.Globalization;
using SegOps.Contracts;
using SegOps.Segments.Rules;

namespace SegOps.Segments.Evaluation;

/// <summary>The branches of conditions on events.</summary>
internal static class EventBranches
{
    /// <summary>Maximum events that are named.</summary>
    internal const int MaxIds = 10;

    /// <summary>
    /// The branches of conditions on events. Those on the same events share a SELECT, because ClickHouse takes milliseconds to plan each. It reads the rows of the
    /// widest window, so aggregates are apart, which read payloads.
    /// </summary>
    internal static IEnumerable<Branch> Of(IEnumerable<Leaf> leaves, Scope scope) => leaves
        .GroupBy(leaf => (Filter(leaf).EventType, Where(Filter(leaf).Where, scope), ((EventCondition)leaf.Condition).Measure is Aggregate))
        .SelectMany(same => Of([.. same], scope, hasIds: false));

    /// <summary>The branch of one condition. It has the columns <c>events</c> and <c>ids</c>, and of an aggregate <c>figure</c>.</summary>
    internal static Branch WithIds(Leaf leaf, Scope scope) => Of([leaf], scope, hasIds: true).Single();

    /// <summary>The condition of a filter's rows.</summary>
    internal static string Rows(EventFilter filter, Scope scope) =>
        scope.EventsOf(filter.EventType) + (filter.Where is null ? "" : $" AND {Where(filter.Where, scope)}");

    /// <summary>The condition on payloads.</summary>
    internal static string Where(Rule? where, Scope scope)
    {
        if (where is null)
            return "1";
        var conditions = Leaf.Of(where).ConvertAll(static leaf => (PayloadCondition)leaf.Condition);
        return Leaf.CombineWhere(where, index => PredicateSql.Of(conditions[index].Predicate, JsonSql.Raw(EventColumns.Payload, conditions[index].Path), scope))!;
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

    private static EventFilter Filter(Leaf leaf) => ((EventCondition)leaf.Condition).Events;

    private static IEnumerable<Branch> Of(IReadOnlyList<Leaf> same, Scope scope, bool hasIds)
    {
        var spans = same.Select(leaf => new Span(((EventCondition)leaf.Condition).Window, scope)).ToList();
        var events = new EventRows(Filter(same[0]), spans, scope);
        var columns = new SelectColumns();
        var parts = same.Zip(spans, (leaf, span) =>
        {
            var at = events.At(span);
            if (hasIds)
            {
                columns.Add("events", $"countIf({span.Has(at)})");
                columns.Add("ids", $"arrayMap(e -> tupleElement(e, 2), arraySlice(arrayReverseSort(groupArrayIf(({at}, event_id), {span.Has(at)})), 1, {MaxIds}))");
            }

            var (matches, next) = ((EventCondition)leaf.Condition).Measure switch
            {
                Count count => OfCount(count, span, at, columns),
                Aggregate aggregate => OfAggregate(aggregate, span, at, events.Value(aggregate.Path, span), columns),
                _ => throw new ArgumentOutOfRangeException(nameof(same)),
            };
            if (span.CountsAgain(at) is { } again)
                next = next.Append(columns.Add("again", again));
            return (leaf.Word, Test: $"{(leaf.IsInverted ? "NOT " : "")}({matches})", leaf.Bit, Next: next.ToList());
        }).ToList();
        var from = $"(SELECT user_id, {columns} FROM ({events}) GROUP BY user_id)";
        return parts.GroupBy(static part => part.Word).Select(word => new Branch(
            from, word.Key, Leaf.BitsIf(word.Select(static part => (part.Test, part.Bit))),
            Scope.Earliest([.. word.SelectMany(static part => part.Next).Distinct().DefaultIfEmpty(Scope.Never)])));
    }

    /// <summary>
    /// The count stays at n or more until the n-th newest event leaves the window, unless more events come. It rises only when events come.
    /// </summary>
    private static (string Matches, IEnumerable<string> Next) OfCount(Count count, Span span, string at, SelectColumns columns)
    {
        List<string> tests = [];
        List<string> next = [];
        var n = columns.Add("events", $"countIf({span.Has(at)})");
        if (count.AtLeast is { } least and > 0)
            Add($"{n} >= {least}", $"{n} >= {least}", least);
        if (count.AtMost is { } most)
            Add($"{n} <= {most}", $"{n} > {most}", most + 1);
        return (tests.Count == 0 ? "1" : string.Join(" AND ", tests), next);

        void Add(string test, string isReached, long number)
        {
            tests.Add(test);
            if (span.Leaves is not { } leaves)
                return;
            var newest = columns.Add("newest", $"arrayReverseSort(groupArrayIf({at}, {span.Has(at)}))");
            next.Add(string.Create(CultureInfo.InvariantCulture, $"if({isReached}, {newest}[{number}] + {leaves}, {Scope.Never})"));
        }
    }

    /// <summary>Each event that leaves the window can change the figure. A sum has the same order of addition each time, because doubles are rounded.</summary>
    private static (string Matches, IEnumerable<string> Next) OfAggregate(Aggregate aggregate, Span span, string at, string value, SelectColumns columns)
    {
        var has = $"({span.Has(at)}) AND {JsonSql.IsNumber(value)}";
        var number = JsonSql.Number(value);
        var sum = $"arraySum(arraySort(groupArrayIf({number}, {has})))";
        var n = columns.Add("numbers", $"countIf({has})");
        var figure = columns.Add("figure", aggregate.Function switch
        {
            AggregateFunction.Sum => sum,
            AggregateFunction.Average => $"{sum} / {n}",
            AggregateFunction.Min => $"minIf({number}, {has})",
            AggregateFunction.Max => $"maxIf({number}, {has})",
            AggregateFunction.Distinct => $"toFloat64(uniqExactIf({JsonSql.Canonical(value)}, ({span.Has(at)}) AND {JsonSql.IsSet(value)}))",
            _ => throw new ArgumentOutOfRangeException(nameof(aggregate)),
        });
        var needsValues = aggregate.Function is AggregateFunction.Min or AggregateFunction.Max or AggregateFunction.Average;
        return (
            $"{(needsValues ? $"{n} > 0 AND " : "")}{PredicateSql.OfNumber(aggregate.Predicate, figure)}",
            span.Leaves is { } leaves ? [$"ifNull({columns.Add("oldest", $"minOrNullIf({at}, {span.Has(at)})")} + {leaves}, {Scope.Never})"] : []);
    }
}

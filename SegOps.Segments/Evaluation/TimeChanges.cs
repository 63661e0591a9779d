using SegOps.Segments.Rules;

namespace SegOps.Segments.Evaluation;

/// <summary>When a test of a time changes its result, because it is relative to now.</summary>
internal static class TimeChanges
{
    /// <summary>The times at which the test of a raw value may change, in microseconds. NULL if the value is not a time.</summary>
    internal static IEnumerable<string> Of(Predicate predicate, string raw, Scope scope)
    {
        // The value is at the bound when now is the value minus the offset. Before and the end of Between change one microsecond later.
        foreach (var (index, value) in predicate.Values.Index())
        {
            if (value is TimeLiteral { Moment: Relative relative })
            {
                var startsAfter = predicate.Operator == Operator.Before || (predicate.Operator == Operator.Between && index == 0);
                yield return $"{TimestampSql.Of($"if({JsonSql.IsText(raw)}, {JsonSql.Text(raw)}, '')")} - {Scope.Micros(relative.Offset)} + {(startsAfter ? 1 : 0)}";
            }
        }
    }

    /// <summary>The earliest of the times after now, or never.</summary>
    internal static string Next(IEnumerable<string> times, Scope scope)
    {
        var next = times.Select(time => $"ifNull(if({time} > {scope.Now}, {time}, NULL), {Scope.Never})").ToList();
        return next.Count == 0 ? Scope.Never : Scope.Earliest(next);
    }
}

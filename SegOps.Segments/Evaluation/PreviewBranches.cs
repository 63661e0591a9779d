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

    /// <summary>The branches.</summary>
    /// <param name="leaves">The conditions.</param>
    /// <param name="scope">The scope.</param>
    /// <param name="replaces">Whether the rows of users with several writes replace those of all, so that these need not be left out.</param>
    internal static IEnumerable<Branch> Of(IReadOnlyCollection<Leaf> leaves, Scope scope, bool replaces)
    {
        var events = leaves.ToLookup(static leaf => leaf.Condition is EventCondition { Measure: Count count } && Reached(count) is > 0 and <= MaxRemembered);
        return
        [
            .. TraitBranches.Of(leaves, scope, (trait, _) => Writes(trait, scope, ofAll: replaces)),
            .. TraitBranches.Of(leaves, scope, static (trait, scope) => TraitBranches.Values(trait, scope, $" AND user_id IN {Several(trait, scope)}"))
                .Select(static (branch, trait) => branch with { Replaces = trait }),
            .. events[true].Select(leaf => Counted(leaf, scope)),
            .. EventBranches.Of(events[false].Where(static leaf => leaf.Condition is EventCondition), scope),
            .. leaves.Where(static leaf => leaf.Condition is SequenceCondition).Select(leaf => SequenceBranches.Of(leaf, scope)),
        ];
    }

    /// <summary>Each write of a trait, of all users or of those with one write.</summary>
    private static string Writes(string trait, Scope scope, bool ofAll) => $"""
        SELECT user_id, tupleElement(written, 4) AS value
        FROM {scope.Tables.TraitValues}
        WHERE {TraitBranches.Rows(trait, scope)}{(ofAll ? "" : $" AND user_id NOT IN {Several(trait, scope)}")}
        """;

    private static string Several(string trait, Scope scope) =>
        $"(SELECT user_id FROM {scope.Tables.TraitValues} WHERE {TraitBranches.Rows(trait, scope)} GROUP BY user_id HAVING count() > 1)";

    /// <summary>How many events decide a count.</summary>
    private static long Reached(Count count) => Math.Max(Math.Max(count.AtLeast ?? 0, 0), count.AtMost + 1 ?? 0);

    private static Branch Counted(Leaf leaf, Scope scope)
    {
        var condition = (EventCondition)leaf.Condition;
        var count = (Count)condition.Measure;
        var (least, most, reached) = (Math.Max(count.AtLeast ?? 0, 0), count.AtMost, Reached(count));
        var rows = Rows(condition.Events, new Span(condition.Window, scope), scope);
        var bit = leaf.Bit.ToString(CultureInfo.InvariantCulture);
        // Any event decides, and the bits of a user's rows are combined later.
        if (reached == 1)
            return new Branch(rows, leaf.Word, bit, Scope.Never);

        var counted = string.Create(CultureInfo.InvariantCulture, $"uniqUpTo({reached - 1})(cityHash64(event_id))");
        var matches = string.Create(CultureInfo.InvariantCulture, $"{counted} >= {least}{(most is { } limit ? $" AND {counted} <= {limit}" : "")}");
        return new Branch($"(SELECT user_id FROM {rows} GROUP BY user_id HAVING {(leaf.IsInverted ? "NOT " : "")}({matches}))", leaf.Word, bit, Scope.Never);
    }

    /// <summary>The rows of a window, except for copies of earlier events.</summary>
    private static string Rows(EventFilter filter, Span span, Scope scope)
    {
        var rows = EventBranches.Rows(filter, scope);
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

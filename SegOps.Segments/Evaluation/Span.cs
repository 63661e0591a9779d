using SegOps.Segments.Rules;

namespace SegOps.Segments.Evaluation;

/// <summary>A window at one time, in microseconds, and how it moves.</summary>
internal sealed class Span
{
    /// <summary>How long before the window copies of its events are looked for (docs/tables.md).</summary>
    internal const long LookBack = 86_400_000_000;

    private readonly Window _window;
    private readonly Scope _scope;

    internal Span(Window window, Scope scope)
    {
        (_window, _scope) = (window, scope);
        From = window.From is { } from ? scope.Micros(from) : null;
        To = window.To is { } to ? scope.Micros(to) : null;
        Leaves = window.From is Relative relative ? 1 - Scope.Micros(relative.Offset) : null;
    }

    /// <summary>Its start, inclusive.</summary>
    internal long? From { get; }

    /// <summary>Its end, exclusive; null if it ends now, inclusive.</summary>
    internal long? To { get; }

    /// <summary>How long after an event it leaves the window; null if it stays.</summary>
    internal long? Leaves { get; }

    /// <summary>The condition that an event is in the window, if its row is one of <see cref="Rows"/>.</summary>
    /// <param name="at">Its time.</param>
    internal string Has(string at = "at") => this switch
    {
        { From: { } from, To: { } to } => $"{at} >= {from} AND {at} < {to}",
        { From: { } from } => $"{at} >= {from}",
        { To: { } to } => $"{at} < {to}",
        _ => "1",
    };

    /// <summary>The condition of rows of <c>events</c> until now that the window and its copies need.</summary>
    internal string Rows => $"occurred_at <= {SqlLiteral.Time(_scope.Now)}{(From is { } from ? $" AND occurred_at >= {SqlLiteral.Time(from - LookBack)}" : "")}";

    /// <summary>
    /// When an event counts again: its first copy is not found any more, while a copy that came more than a day later is in the window. The expression
    /// aggregates rows with <paramref name="at"/> and <c>last</c>, the times of the first and the last copy. Null for never.
    /// </summary>
    internal string? CountsAgain(string at = "at") => this is { From: { } from, Leaves: { } leaves }
        ? $"ifNull(minOrNullIf({at}, {at} < {from} AND last >= {from}) + {LookBack + leaves}, {Scope.Never})"
        : null;

    /// <summary>The events that are stored and will be in the window: the condition of their rows, and the time. Null if there are none.</summary>
    internal (string Rows, string At)? Coming
    {
        get
        {
            const string At = "toUnixTimestamp64Micro(occurred_at)";
            if (_window.To is Relative { Offset: var offset } && offset <= TimeSpan.Zero)
                return ($"occurred_at >= {SqlLiteral.Time(To!.Value)}", $"{At} + {1 - Scope.Micros(offset)}");
            return To <= _scope.Now
                ? null
                : ($"occurred_at > {SqlLiteral.Time(_scope.Now)}{(To is { } to && _window.To is Instant ? $" AND occurred_at < {SqlLiteral.Time(to)}" : "")}", At);
        }
    }
}

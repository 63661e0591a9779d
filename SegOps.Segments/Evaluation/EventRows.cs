using System.Globalization;
using SegOps.Contracts;
using SegOps.Segments.Rules;

namespace SegOps.Segments.Evaluation;

/// <summary>
/// The query of a filter's events: each once for each user, with its earliest time and values in each window. Copies are looked for in the rows of a window
/// only, so that a condition finds the same alone and beside others. Copies are alike, so that which of their values is taken makes no difference; the
/// greatest makes even wrong copies give the same result each time.
/// </summary>
internal sealed class EventRows
{
    private readonly EventFilter _filter;
    private readonly Scope _scope;
    private readonly SelectColumns _columns = new();
    private readonly Span _widest;
    private readonly bool _isOne;

    /// <summary>Creates the query.</summary>
    /// <param name="filter">Which events.</param>
    /// <param name="spans">The windows.</param>
    /// <param name="scope">The scope.</param>
    internal EventRows(EventFilter filter, IReadOnlyList<Span> spans, Scope scope)
    {
        (_filter, _scope) = (filter, scope);
        _widest = spans.MinBy(static span => span.From ?? long.MinValue)!;
        _isOne = spans.All(span => span.From == _widest.From);
        _columns.Add("last", $"toUnixTimestamp64Micro(max({EventColumns.OccurredAt}))");
    }

    /// <summary>
    /// The column with the time of the event in a window, or 0, the year 1970, if it has no row there. A window that starts before 1970 has a row of every event,
    /// because the earliest is of 2000.
    /// </summary>
    internal string At(Span span) => _columns.Add("at", $"toUnixTimestamp64Micro({OfRows("min", EventColumns.OccurredAt, span)})");

    /// <summary>The column with a value of the payload.</summary>
    internal string Value(IReadOnlyList<string> path, Span span) => _columns.Add("value", OfRows("max", JsonSql.Raw(EventColumns.Payload, path), span));

    /// <inheritdoc/>
    public override string ToString() => $"""
        SELECT user_id, event_id, {_columns}
        FROM {_scope.Tables.Events}
        WHERE {EventBranches.Rows(_filter, _scope)} AND {_widest.Rows}
        GROUP BY user_id, event_id
        """;

    private string OfRows(string function, string column, Span span) => _isOne ? $"{function}({column})" : $"{function}If({column}, {span.Rows})";
}

/// <summary>Columns of a SELECT. The same expression is there once.</summary>
internal sealed class SelectColumns
{
    private readonly Dictionary<string, string> _names = [];
    private readonly Dictionary<string, int> _used = [];

    /// <summary>Adds an expression.</summary>
    /// <param name="name">Its name if it is the first of that name. Later ones have a number, too.</param>
    /// <param name="expression">The expression.</param>
    /// <returns>The name of its column.</returns>
    internal string Add(string name, string expression)
    {
        if (_names.TryGetValue(expression, out var known))
            return known;
        var number = _used[name] = _used.GetValueOrDefault(name) + 1;
        return _names[expression] = number == 1 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}{number}");
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join(", ", _names.Select(static column => $"{column.Key} AS {column.Value}"));
}

using SegOps.Segments.Rules;

namespace SegOps.Segments.Evaluation;

/// <summary>Tests a raw JSON value, without the negations, which a <see cref="Leaf"/> has.</summary>
internal static class PredicateSql
{
    /// <summary>Whether the operator is the negation of another one.</summary>
    internal static bool IsNegated(Operator @operator) => @operator is Operator.IsNotSet or Operator.NotEquals or Operator.NotIn;

    /// <summary>The expression of the operator, or of the one that it negates.</summary>
    internal static string Positive(Predicate predicate, string raw, Scope scope) => predicate.Operator switch
    {
        Operator.IsSet or Operator.IsNotSet => JsonSql.IsSet(raw),
        Operator.Equals or Operator.NotEquals or Operator.In or Operator.NotIn => IsOneOf(predicate, raw),
        Operator.Has or Operator.HasAny or Operator.HasAll => OfArray(predicate, raw),
        Operator.Contains => OfText(predicate, raw, static (text, value) => $"position({text}, {value}) > 0"),
        Operator.StartsWith => OfText(predicate, raw, static (text, value) => $"startsWith({text}, {value})"),
        Operator.EndsWith => OfText(predicate, raw, static (text, value) => $"endsWith({text}, {value})"),
        _ when predicate.Values[0] is TimeLiteral => $"({JsonSql.IsText(raw)} AND ifNull({OfTime(predicate, TimestampSql.Of(JsonSql.Text(raw)), scope)}, 0))",
        _ => $"({JsonSql.IsNumber(raw)} AND {OfNumber(predicate, JsonSql.Number(raw))})",
    };

    /// <summary>Whether a set value has a type that the operator tests.</summary>
    internal static string IsOfType(Predicate predicate, string raw) => predicate.Operator switch
    {
        Operator.IsSet or Operator.IsNotSet => "1",
        Operator.Equals or Operator.NotEquals or Operator.In or Operator.NotIn => $"({string.Join(" OR ", predicate.Values.Select(value => IsOfType(value, raw)).Distinct())})",
        Operator.Has or Operator.HasAny or Operator.HasAll => JsonSql.IsArray(raw),
        _ => IsOfType(predicate.Values[0], raw),
    };

    private static string IsOfType(Literal value, string raw) => value switch
    {
        TextLiteral => JsonSql.IsText(raw),
        NumberLiteral => JsonSql.IsNumber(raw),
        FlagLiteral => $"{raw} IN ('true', 'false')",
        _ => $"({JsonSql.IsText(raw)} AND isNotNull({TimestampSql.Of(JsonSql.Text(raw))}))",
    };

    /// <summary>The expression of the operator, negated if it is a negation.</summary>
    internal static string Of(Predicate predicate, string raw, Scope scope) =>
        IsNegated(predicate.Operator) ? $"NOT ({Positive(predicate, raw, scope)})" : Positive(predicate, raw, scope);

    /// <summary>The test of a number.</summary>
    internal static string OfNumber(Predicate predicate, string number)
    {
        var values = predicate.Values.Select(static value => SqlLiteral.Number(((NumberLiteral)value).Number)).ToList();
        return predicate.Operator switch
        {
            Operator.Equals or Operator.In => $"{number} IN {SqlLiteral.Tuple(values)}",
            Operator.NotEquals or Operator.NotIn => $"{number} NOT IN {SqlLiteral.Tuple(values)}",
            Operator.GreaterThan => $"{number} > {values[0]}",
            Operator.AtLeast => $"{number} >= {values[0]}",
            Operator.LessThan => $"{number} < {values[0]}",
            Operator.AtMost => $"{number} <= {values[0]}",
            Operator.Between => $"({number} >= {values[0]} AND {number} <= {values[1]})",
            _ => throw new ArgumentOutOfRangeException(nameof(predicate), predicate.Operator, "The operator takes no numbers."),
        };
    }

    private static string OfTime(Predicate predicate, string micros, Scope scope)
    {
        var times = predicate.Values.Select(value => scope.Micros(((TimeLiteral)value).Moment)).ToList();
        return predicate.Operator switch
        {
            Operator.Before => $"{micros} < {times[0]}",
            Operator.After => $"{micros} > {times[0]}",
            Operator.Between => $"({micros} >= {times[0]} AND {micros} <= {times[1]})",
            _ => throw new ArgumentOutOfRangeException(nameof(predicate), predicate.Operator, "The operator takes no times."),
        };
    }

    private static string OfText(Predicate predicate, string raw, Func<string, string, string> test) =>
        $"({JsonSql.IsText(raw)} AND {test(JsonSql.Text(raw, predicate.IgnoreCase), Value(predicate, ((TextLiteral)predicate.Values[0]).Text))})";

    private static string Value(Predicate predicate, string text) => predicate.IgnoreCase ? $"lowerUTF8({SqlLiteral.Text(text)})" : SqlLiteral.Text(text);

    private static string IsOneOf(Predicate predicate, string raw)
    {
        var (texts, numbers, flags) = Values(predicate);
        List<string> tests = [];
        if (flags.Count > 0)
            tests.Add($"{raw} IN {SqlLiteral.Tuple(flags)}");
        if (numbers.Count > 0)
            tests.Add($"({JsonSql.IsNumber(raw)} AND {JsonSql.Number(raw)} IN {SqlLiteral.Tuple(numbers.Select(SqlLiteral.Number))})");
        if (texts.Count > 0 && !predicate.IgnoreCase && texts.TrueForAll(JsonSql.IsPlain))
            tests.Add($"{raw} IN {SqlLiteral.Tuple(texts.Select(static text => SqlLiteral.Text($"\"{text}\"")))}");
        else if (texts.Count > 0)
            tests.Add($"({JsonSql.IsText(raw)} AND {JsonSql.Text(raw, predicate.IgnoreCase)} IN {SqlLiteral.Tuple(texts.Select(text => Value(predicate, text)))})");
        return tests.Count == 0 ? "0" : $"({string.Join(" OR ", tests)})";
    }

    private static string OfArray(Predicate predicate, string raw)
    {
        var (texts, numbers, flags) = Values(predicate);
        var function = predicate.Operator == Operator.HasAll ? "hasAll" : "hasAny";
        var elements = $"JSONExtractArrayRaw({raw})";
        List<string> tests = [];
        if (flags.Count > 0)
            tests.Add($"{function}({elements}, {SqlLiteral.List(flags)})");
        if (numbers.Count > 0)
            tests.Add($"{function}(arrayMap(e -> {JsonSql.Number("e")} + 0e0, arrayFilter(e -> {JsonSql.IsNumber("e")}, {elements})), {SqlLiteral.List(numbers.Select(SqlLiteral.Number))})");
        if (texts.Count > 0)
            tests.Add($"{function}(arrayMap(e -> {JsonSql.Text("e", predicate.IgnoreCase)}, arrayFilter(e -> {JsonSql.IsText("e")}, {elements})), {SqlLiteral.List(texts.Select(text => Value(predicate, text)))})");
        return tests.Count == 0 ? "0" : $"({JsonSql.IsArray(raw)} AND ({string.Join(predicate.Operator == Operator.HasAll ? " AND " : " OR ", tests)}))";
    }

    private static (List<string> Texts, List<double> Numbers, List<string> Flags) Values(Predicate predicate) => (
        [.. predicate.Values.OfType<TextLiteral>().Select(static value => value.Text)],
        [.. predicate.Values.OfType<NumberLiteral>().Select(static value => value.Number)],
        [.. predicate.Values.OfType<FlagLiteral>().Select(static value => value.Value ? "'true'" : "'false'")]);
}
